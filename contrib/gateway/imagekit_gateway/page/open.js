// What is open, of all keys: and what nobody knows the end of, which a person settles who has
// looked at the host's bill.

import { asked } from "./api.js";
import { button, element, facts, fill, freshId, moment, money, say } from "./element.js";
import { field, radios, tell } from "./fields.js";

/** The part of the page; `look()` asks anew. */
export function openRequests() {
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
    await look();
    whole.querySelector("h2").focus();
    say("Settled.");
  }

  return { element: whole, look };
}

function item(request, settled) {
  const isUnknown = request.state === "unknown";
  const state = { queued: "Waiting", running: "Being made", unknown: "Unknown" }[request.state];
  const expected = request.calls.map((call) => call.expected).filter(Boolean);
  const hosts = request.calls.map((call) => call.host_request).filter(Boolean);
  const settling = element("div", {});
  const open = isUnknown
    ? button("Settle…", () => {
        open.hidden = true;
        fill(
          settling,
          form(request, settled, () => {
            fill(settling);
            open.hidden = false;
            open.focus();
          }),
        );
        settling.querySelector("input").focus();
      })
    : null;
  return element(
    "li",
    { class: "panel" },
    element(
      "p",
      { class: "title" },
      element("strong", {}, state),
      ` ${request.model}${request.host ? ` at ${request.host}` : ""}, for ${request.key || "no key"}`,
    ),
    request.why ? element("p", { class: "what" }, request.why) : null,
    facts([
      ["Since", moment(request.since)],
      ["Charged", request.charged],
      ["Should cost", expected.map(money).join(", ")],
      ["Record", request.id],
      ["At its host", hosts.join(", ")],
    ]),
    open,
    settling,
  );
}

/** What a person says who has looked at the bill. */
function form(request, settled, back) {
  const charged = radios(
    "Is it on the host's bill?",
    [
      ["no", "No"],
      ["yes", "Yes"],
    ],
    () => {
      money_.hidden = charged.value() !== "yes";
    },
    { class: "segments" },
  );
  const amount = input({ inputmode: "decimal", placeholder: "0.04" });
  const currency = input({
    value: request.calls.find((call) => call.expected)?.expected.currency || "USD",
    size: 5,
  });
  const reason = input({ placeholder: "Where that stands" });
  const [amountField, currencyField, reasonField] = [
    field("What it cost, if you know", amount),
    field("Currency", currency),
    field("How that is known", reason),
  ];
  const money_ = element("div", { class: "row", hidden: true }, amountField.element, currencyField.element);
  const problem = element("p", { class: "problem", role: "alert" });

  async function submit(event) {
    event.preventDefault();
    const cost =
      charged.value() === "yes" && amount.value.trim()
        ? { cost: { amount: amount.value.trim(), currency: currency.value.trim() } }
        : {};
    try {
      await asked(`/v1/images/${request.id}/settle`, {
        method: "POST",
        body: { charged: charged.value(), reason: reason.value.trim(), ...cost },
      });
      await settled();
    } catch (error) {
      tell(problem, { text: error.message });
    }
  }

  return element(
    "form",
    { class: "settling", submit },
    charged.element,
    money_,
    reasonField.element,
    problem,
    element(
      "p",
      { class: "actions" },
      element("button", { class: "primary" }, "Settle"),
      button("Leave it", back),
    ),
  );
}

function input(attributes) {
  return element("input", { id: freshId("settle"), autocomplete: "off", ...attributes });
}
