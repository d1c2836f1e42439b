// What is open, of all keys: and what nobody knows the end of, which a person settles who has
// looked at the host's bill.

import { asked } from "./api.js";
import { button, element, facts, fill, moment, money, say } from "./element.js";
import { radios, written } from "./fields.js";
import { surely } from "./sure.js";

/** The part of the page; `look()` asks anew, and `changed()` is called when one of them is settled. */
export function openRequests(changed) {
  const list = element("ul", { class: "requests" });
  const note = element("p", { class: "muted" });
  const more = button("More", () => next(), { hidden: true });
  const whole = element("section", {}, element("h2", { tabindex: -1 }, "Open and unknown"), note, list, more);
  let after = null;

  function look() {
    after = null;
    return next();
  }

  async function next() {
    try {
      const page = await asked(`/v1/open?${new URLSearchParams(after ? { after } : {})}`);
      if (!after) fill(list);
      list.append(...page.data.map((request) => item(request, settled)));
      after = page.last_id;
      more.hidden = !page.has_more;
      note.textContent = list.children.length
        ? ""
        : "Nothing is open, and of everything it is known what became of it.";
    } catch (error) {
      note.textContent = error.message;
    }
  }

  async function settled() {
    await Promise.all([look(), changed()]);
    whole.querySelector("h2").focus();
    say("Settled.");
  }

  return { element: whole, look };
}

function item(request, settled) {
  const { id, key, model, host, state, why, charged, since, calls } = request;
  const words = { queued: "Waiting", running: "Being made", unknown: "Unknown" };
  const who = ` ${model}${host ? ` at ${host}` : ""}, for ${key || "no key"}`;
  const expected = calls.map((call) => call.expected).filter(Boolean);
  const theirs = calls.map((call) => call.host_request).filter(Boolean);
  return element(
    "li",
    { class: "panel" },
    element("p", { class: "title" }, element("strong", {}, words[state]), who),
    why ? element("p", { class: "what" }, why) : null,
    facts([
      ["Since", moment(since)],
      ["Charged", charged],
      ["Should cost", expected.map(money).join(", ")],
      ["Record", id],
      ["At its host", theirs.join(", ")],
    ]),
    state === "unknown" ? settling(request, settled) : null,
  );
}

/** A button, in place of which is a form once it is pressed. */
function settling(request, settled) {
  const place = element("div", {});
  const open = button("Settle…", show, { "aria-label": `Settle… ${request.id}` });

  function show() {
    fill(place, form(request, settled, close));
    place.querySelector("input").focus();
  }
  function close() {
    fill(place, open);
    open.focus();
  }

  return fill(place, open);
}

/** What a person says who has looked at the bill. */
function form(request, settled, back) {
  const expected = request.calls.find((call) => call.expected)?.expected.currency || "USD";
  const amount = written("What it cost, if you know", { inputmode: "decimal", placeholder: "0.04" });
  const currency = written("Currency", { value: expected });
  const reason = written("How that is known, if you like", { placeholder: "the bill of November" });
  const cost = element("div", { class: "row", hidden: true }, amount.element, currency.element);
  const words = [
    ["no", "No"],
    ["yes", "Yes"],
  ];
  const showCost = () => {
    cost.hidden = charged.value() !== "yes";
  };
  const charged = radios("Is it on the host's bill?", words, showCost, { class: "segments" });
  charged.set(null); // which of them is not for the page to guess

  function said() {
    const body = { charged: charged.value(), reason: reason.input.value.trim() };
    const paid = amount.input.value.trim();
    if (body.charged === "yes" && paid) body.cost = { amount: paid, currency: currency.input.value.trim() };
    return body;
  }
  async function settle() {
    await asked(`/v1/images/${request.id}/settle`, { method: "POST", body: said() });
    await settled();
  }

  const press = surely("Settle", () => inWords(said()), settle, { type: "submit", class: "primary" });
  const actions = element("p", { class: "actions" }, press, button("Leave it", back));
  const submit = (event) => event.preventDefault(); // Enter presses the button, and that asks first
  return element("form", { class: "settling", submit }, charged.element, cost, reason.element, actions);
}

/** What is about to be said for good. */
function inWords({ charged, cost }) {
  if (!charged) throw new Error("Say whether it is on the host's bill.");
  if (charged === "no") return "Settle for good: not charged";
  return `Settle for good: charged, ${cost ? money(cost) : "nobody knows how much"}`;
}
