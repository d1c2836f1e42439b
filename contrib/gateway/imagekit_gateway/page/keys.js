// Keys: made, limited, revoked. A key is shown once, when it is made.

import { asked } from "./api.js";
import { lying } from "./chart.js";
import { box, button, element, facts, fill, freshId, moment, say, spentOf } from "./element.js";
import { keyForm } from "./keyform.js";
import { surely } from "./sure.js";

/** The part of the page; `look()` asks anew. */
export function keys() {
  const list = element("ul", { class: "keys" });
  const place = element("div", { class: "making-key" });
  const add = button("New key", () => {
    fill(place, keyForm(null, made, close));
    place.querySelector("input").focus();
  });
  const heading = box("heading", element("h2", {}, "Keys"), add);
  const whole = element("section", {}, heading, place, list);

  async function look() {
    try {
      const [{ data }, own] = await Promise.all([asked("/v1/keys"), asked("/v1/key")]);
      const isPast = (key) => Number(key.state !== "active");
      const sorted = data.toSorted((one, other) => isPast(one) - isPast(other));
      fill(list, ...sorted.map((key) => item(key, key.name === own.name, look)));
    } catch (error) {
      fill(list, element("li", { class: "problem" }, error.message));
    }
  }

  function close() {
    fill(place);
    add.focus();
  }

  async function made(key) {
    fill(place, shownOnce(key, close));
    place.querySelector("input").select();
    say(`The key ${key.name} is made. It is shown this once.`);
    await look();
  }

  return { element: whole, look };
}

/** A secret, which is nowhere else. */
function shownOnce(key, close) {
  const choose = ({ target }) => target.select();
  const about = { readonly: true, value: key.key, id: freshId("secret"), class: "secret", focus: choose };
  const secret = element("input", about);
  const copy = button("Copy", async () => {
    secret.select();
    const isCopied = await navigator.clipboard?.writeText(key.key).then(
      () => true,
      () => false,
    );
    say(isCopied ? "Copied." : "The key is selected: copy it with Ctrl-C.");
  });
  const label = element("label", { for: secret.id }, `The key ${key.name}, shown this once`);
  return box(
    "panel once",
    label,
    box("together", secret, copy),
    button("I have it", close, { class: "primary" }),
  );
}

function item(key, isOwn, look) {
  const place = element("div", {});
  const isActive = key.state === "active";
  const ended = key.revoked || key.expires;
  const badge = key.operator ? element("span", { class: "badge" }, "operator") : null;
  const name = element("strong", {}, key.name);
  return element(
    "li",
    { class: isActive ? "panel" : "panel past" },
    element("p", { class: "title" }, name, ` …${key.hint}`, isActive ? null : ` (${key.state})`, badge),
    facts([
      ["Models", key.models.join(", ") || "any"],
      ["Limits", limits(key)],
      ["Pictures", key.keep ? "kept" : "not kept here"],
      ["Last asked", key.last_asked ? when(key.last_asked) : "never"],
      [key.revoked ? "Revoked" : "Expires", ended ? when(ended) : null],
    ]),
    key.budget === null ? null : budget(key),
    isActive ? actions(key, isOwn, place, look) : null,
    place,
  );
}

/** Nobody ends the key that they ask with: whoever locks themselves out can't come in again. */
function actions(key, isOwn, place, look) {
  const path = `/v1/keys/${encodeURIComponent(key.name)}`;
  const change = button("Change", open, { "aria-label": `Change ${key.name}` });
  const sure = () => `Revoke ${key.name} for good`;
  const revoke = surely("Revoke", sure, end, { "aria-label": `Revoke ${key.name}` });

  function open() {
    fill(place, keyForm(key, changed, close));
    place.querySelector("input:enabled").focus();
  }
  function close() {
    fill(place);
    change.focus();
  }
  async function changed() {
    say(`The key ${key.name} is changed.`);
    await look();
  }
  async function end() {
    await asked(path, { method: "DELETE" });
    say(`The key ${key.name} is revoked.`);
    await look();
  }

  return element("p", { class: "actions" }, change, isOwn ? null : revoke);
}

function budget(key) {
  const part = Number(key.spent) / Number(key.budget);
  return element("p", { class: "budget" }, spentOf(key), lying(part));
}

function limits({ rpm, at_once: atOnce, budget: most }) {
  const told = [rpm && `${rpm} a minute`, atOnce && `${atOnce} at once`].filter(Boolean).join(", ");
  return told || (most === null ? "none" : "");
}

function when(text) {
  return moment(Date.parse(text) / 1000);
}
