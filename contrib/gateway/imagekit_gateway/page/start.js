// What is shown: a form for the key, or the view that the address names.

import { asked } from "./api.js";
import { box, button, element, fill, say } from "./element.js";
import { forget, keep, key } from "./session.js";

const main = document.getElementById("main");
const views = document.getElementById("views");
const leave = document.getElementById("leave");
const toAdmin = document.getElementById("to-admin");

/** Imported when they are looked at first, and kept, with all that was typed in them. */
const MODULES = {
  make: () => import("./make.js"),
  gallery: () => import("./gallery.js"),
  admin: () => import("./admin.js"),
};
const TITLES = { make: "Make", gallery: "Gallery", admin: "Admin" };
/** How far down a view was looked at when it was left. */
const places = new WeakMap();
let made = new Map();
let turn = 0;

/** A module of the page has not come; a browser keeps that, and never asks for it again by itself. */
class NotLoaded extends Error {}

async function show() {
  if (!key()) return askForKey();
  views.hidden = leave.hidden = false;
  const name = location.hash.slice(1);
  const view = name in MODULES ? name : "make";
  const mine = (turn += 1);
  const shown = await viewOf(view).catch(notShown);
  if (mine !== turn || !shown) return;
  for (const link of views.querySelectorAll("a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${TITLES[view]} · imagekit`;
  if (main.firstChild !== shown.element) {
    if (main.firstChild) places.set(main.firstChild, scrollY);
    fill(main, shown.element);
    scrollTo(0, places.get(shown.element) ?? 0);
  }
  shown.shown?.();
}

function viewOf(name) {
  if (!made.has(name))
    made.set(
      name,
      MODULES[name]()
        .catch((error) => Promise.reject(new NotLoaded(error.message)))
        .then((module) => module.view()),
    );
  return made.get(name);
}

/** A key that is refused has led to the form already; whatever else is wrong may pass. */
function notShown(error) {
  made = new Map();
  if (error.status === 401) return;
  const isAway = error instanceof NotLoaded || error instanceof TypeError;
  const title = element("p", {}, isAway ? "The gateway does not answer." : "There is nothing to show.");
  const why = element("p", { class: "muted", role: "alert" }, error.message);
  const again = () => (error instanceof NotLoaded ? loadAnew(why) : show());
  fill(main, box("empty", title, why, element("p", {}, button("Try again", again))));
}

/** The whole page anew, once there is somebody who sends it. */
async function loadAnew(why) {
  try {
    await asked("/v1/key");
    location.reload();
  } catch (error) {
    why.textContent = `${error.message}; nothing answers yet.`;
  }
}

function askForKey(why = "") {
  turn += 1;
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  views.hidden = leave.hidden = true;
  document.title = "imagekit";
  const secret = element("input", {
    id: "key",
    type: "password",
    autocomplete: "current-password",
    required: true,
    spellcheck: "false",
    "aria-describedby": "key-about",
    "aria-invalid": why ? "true" : null,
  });
  const onDevice = element("input", { type: "checkbox" });
  const form = element(
    "form",
    {
      class: "key",
      submit(event) {
        event.preventDefault();
        keep(secret.value.trim(), onDevice.checked);
        signedIn();
      },
    },
    element("h1", {}, "What will you make?"),
    element("p", { class: "muted" }, "This page asks a gateway of imagekit, with a key of yours."),
    element("label", { for: "key" }, "Key"),
    secret,
    element(
      "p",
      { id: "key-about", class: why ? "problem" : "hint" },
      why || "It begins with ik-. Whoever runs this gateway has it: imagekit gateway key add NAME.",
    ),
    element("label", { class: "check" }, onDevice, "Remember it on this device"),
    element("button", { class: "primary" }, "Go on"),
  );
  fill(main, form);
  secret.focus();
}

async function signedIn() {
  made = new Map();
  toAdmin.hidden = true;
  await show();
  await lookWhoAsks();
}

/** Whoever looks after the gateway is shown the way to what only they may see. */
async function lookWhoAsks() {
  if (!key()) return;
  const me = await asked("/v1/key").catch(notTold);
  toAdmin.hidden = !me?.operator;
}

/** Without it, they are not shown the way, and that is all. */
function notTold() {
  return null;
}

document.getElementById("skip").addEventListener("click", () => {
  (main.querySelector("h1, h2") || main).scrollIntoView();
  main.focus();
});
leave.addEventListener("click", () => {
  forget();
  askForKey();
  say("Signed out.");
});
document.addEventListener("key-refused", (event) => {
  forget();
  askForKey(event.detail);
});
addEventListener("hashchange", show);
signedIn();
