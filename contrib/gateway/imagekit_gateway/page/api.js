// The gateway, as its page asks it: by the addresses that programs use, with a key as they have one.

import { key } from "./session.js";

/** Where the gateway is, which may be below a path of somebody's site. */
export const HOME = new URL("..", import.meta.url);

/** What the gateway has refused, in its own words. */
export class Refused extends Error {
  constructor(status, error) {
    super(error.message || `the gateway answered ${status}`);
    this.status = status;
    this.code = error.code || "";
    this.problems = error.problems || [];
    this.charged = error.charged || "no";
    this.record = error.record || null;
  }
}

/**
 * An answer. A refusal of the key is told to the page as well (`key-refused`).
 * Throws `Refused`, or a TypeError where the gateway is not reached.
 */
export async function ask(path, { method = "GET", body, headers = {}, signal } = {}) {
  const request = { method, signal, headers: { Authorization: `Bearer ${key()}`, ...headers } };
  if (body !== undefined) {
    request.body = body instanceof Blob ? body : JSON.stringify(body);
    request.headers["Content-Type"] = "application/json";
  }
  const answer = await fetch(new URL(path.slice(1), HOME), request);
  if (answer.ok) return answer;
  const told = await answer.json().catch(() => ({}));
  const refused = new Refused(answer.status, told.error || {});
  if (answer.status === 401)
    document.dispatchEvent(new CustomEvent("key-refused", { detail: refused.message }));
  throw refused;
}

/** An answer that is JSON. */
export async function asked(path, more) {
  return (await ask(path, more)).json();
}

/**
 * The events of an answer as they come: `{type, ...}` of each, and `{type: "comment", text}` of
 * what only says that it goes on.
 */
export async function* events(answer) {
  for await (const line of lines(answer.body)) {
    if (line.startsWith("data: ")) yield JSON.parse(line.slice(6));
    else if (line.startsWith(":")) yield { type: "comment", text: line.slice(1).trim() };
  }
}

/** A line with a picture comes in many pieces, which are joined once. */
async function* lines(body) {
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let open = [];
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const [first, ...more] = value.split("\n");
    open.push(first);
    for (const next of more) {
      yield open.join("");
      open = [next];
    }
  }
}

/** A picture in base64, to be shown by an address that has to be revoked. */
export function pictureOf(base64, kind) {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  return new Blob([bytes], { type: `image/${kind}` });
}

/** The bytes of a picture of a record. */
export async function content(id, place = 0) {
  return (await ask(`/v1/images/${encodeURIComponent(id)}/content?format=binary&place=${place}`)).blob();
}

/**
 * A link to a picture, as this page may show it. Links are of the address that the gateway is known
 * by, which need not be the one that this page was opened at; theirs is the same gateway.
 */
export function here(url) {
  const { pathname, search } = new URL(url, HOME);
  const [path] = /v1\/images\/[^/]+\/content$/.exec(pathname) || [];
  return path && search.includes("sig=") ? new URL(path + search, HOME).href : null;
}

/** Letters that nobody has used before; where there is no TLS, there is no randomUUID either. */
export function onceOnly() {
  return [...crypto.getRandomValues(new Uint8Array(16))]
    .map((byte) => byte.toString(16).padStart(2, "0"))
    .join("");
}
