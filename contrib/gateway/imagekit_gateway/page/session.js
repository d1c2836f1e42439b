// What a browser keeps for whoever is signed in: the key, and what was begun. It goes with the key.

const KEY = "imagekit-key";
/** What was begun, by its name; a page that is loaded anew goes on with it. */
const BEGUN = { prompt: "imagekit-prompt", running: "imagekit-running" };

/** The key; empty while there is none. */
export function key() {
  return sessionStorage.getItem(KEY) || localStorage.getItem(KEY) || "";
}

/** Keep a key while the page is open, or on this device. */
export function keep(secret, onDevice = false) {
  forget();
  (onDevice ? localStorage : sessionStorage).setItem(KEY, secret);
}

/** Keep nothing. */
export function forget() {
  localStorage.removeItem(KEY);
  for (const name of [KEY, ...Object.values(BEGUN)]) sessionStorage.removeItem(name);
}

/** Keep what was begun while the page is open: a `prompt`, or what is `running`; nothing if empty. */
export function remember(name, text) {
  if (text) sessionStorage.setItem(BEGUN[name], text);
  else sessionStorage.removeItem(BEGUN[name]);
}

/** What was begun; empty if nothing was. */
export function remembered(name) {
  return sessionStorage.getItem(BEGUN[name]) || "";
}
