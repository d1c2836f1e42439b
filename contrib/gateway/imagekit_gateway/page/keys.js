// Keys: made, limited, revoked. A key is shown once, when it is made.

import { asked } from "./api.js";
import { lying } from "./chart.js";
import { button, element, facts, fill, freshId, moment, money, say } from "./element.js";
import { field, parameterOf, tell } from "./fields.js";

const PERIODS = ["month", "day", "total"];

/** The part of the page; `look()` asks anew. */
export function keys() {
  const list = element("ul", { class: "keys" });
  const place = element("div", { class: "making-key" });
  const add = button("New key", () => {
    fill(place, keyForm(null, made, close));
    place.querySelector("input").focus();
  });
  const whole = element(
    "section",
    {},
    element("div", { class: "heading" }, element("h2", {}, "Keys"), add),
    place,
    list,
  );

  async function look() {
    try {
      const { data } = await asked("/v1/keys");
      const sorted = [
        ...data.filter((key) => key.state === "active"),
        ...data.filter((key) => key.state !== "active"),
      ];
      fill(
        list,
        sorted.map((key) => item(key, look)),
      );
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
  const secret = element("input", {
    readonly: true,
    value: key.key,
    id: freshId("secret"),
    class: "secret",
    focus: (event) => event.target.select(),
  });
  const copy = button("Copy", async () => {
    secret.select();
    try {
      await navigator.clipboard.writeText(key.key);
      say("Copied.");
    } catch {
      // without TLS browsers don't let pages write there: it is chosen, and Ctrl-C does it
      say("The key is selected: copy it with Ctrl-C.");
    }
  });
  return element(
    "div",
    { class: "panel once" },
    element("label", { for: secret.id }, `The key ${key.name}, shown this once`),
    element("div", { class: "together" }, secret, copy),
    button("I have it", close, { class: "primary" }),
  );
}

function item(key, look) {
  const place = element("div", {});
  const isActive = key.state === "active";
  const change = isActive
    ? button(
        "Change",
        () => {
          fill(
            place,
            keyForm(
              key,
              async () => {
                say(`The key ${key.name} is changed.`);
                await look();
              },
              () => {
                fill(place);
                change.focus();
              },
            ),
          );
          place.querySelector("input").focus();
        },
        { "aria-label": `Change ${key.name}` },
      )
    : null;
  const budget =
    key.budget === null
      ? null
      : [
          `${money({ amount: key.spent, currency: key.currency })} of ${money({ amount: key.budget, currency: key.currency })} a ${key.period}`.replace(
            "a total",
            "in all",
          ),
          lying(Number(key.spent) / Number(key.budget)),
        ];
  return element(
    "li",
    { class: isActive ? "panel" : "panel past" },
    element(
      "p",
      { class: "title" },
      element("strong", {}, key.name),
      ` …${key.hint}`,
      isActive ? null : ` (${key.state})`,
      key.operator ? element("span", { class: "badge" }, "operator") : null,
    ),
    facts([
      ["Models", key.models.join(", ") || "any"],
      ["Limits", limits(key)],
      ["Last asked", key.last_asked ? when(key.last_asked) : "never"],
      [
        key.revoked ? "Revoked" : "Expires",
        key.revoked || key.expires ? when(key.revoked || key.expires) : null,
      ],
    ]),
    budget ? element("p", { class: "budget" }, budget) : null,
    isActive ? element("p", { class: "actions" }, change, revoking(key, look)) : null,
    place,
  );
}

function limits({ rpm, at_once: atOnce, budget }) {
  const told = [rpm && `${rpm} a minute`, atOnce && `${atOnce} at once`].filter(Boolean).join(", ");
  return told || (budget === null ? "none" : "");
}

function when(text) {
  return moment(Date.parse(text) / 1000);
}

/** Revoking asks once. */
function revoking(key, look) {
  const place = element("span", { class: "asks" });
  const problem = element("span", { class: "problem", role: "alert" });
  const first = button(
    "Revoke",
    () => {
      const sure = button(
        `Revoke ${key.name} for good`,
        async () => {
          try {
            await asked(`/v1/keys/${encodeURIComponent(key.name)}`, { method: "DELETE" });
            say(`The key ${key.name} is revoked.`);
            await look();
          } catch (error) {
            tell(problem, { text: error.message });
          }
        },
        { class: "danger" },
      );
      fill(
        place,
        sure,
        button("Keep it", () => {
          fill(place, first);
          first.focus();
        }),
        problem,
      );
      sure.focus();
    },
    { "aria-label": `Revoke ${key.name}` },
  );
  return fill(place, first);
}

// --- what a key may do, written down -------------------------------------------------------------

/** A form for a new key, or for the limits of one that there is. */
function keyForm(key, done, close) {
  const fields = {
    name: text("Name", { required: true, disabled: key !== null, value: key?.name ?? "" }),
    models: text(
      "Models",
      { value: key?.models.join(", ") ?? "", placeholder: "any; or seedream-*, kling-v3" },
      "Patterns, with commas between them.",
    ),
    rpm: text("Requests a minute", {
      type: "number",
      min: 1,
      value: key?.rpm ?? "",
      placeholder: "any number",
    }),
    at_once: text("At once", {
      type: "number",
      min: 1,
      value: key?.at_once ?? "",
      placeholder: "any number",
    }),
    budget: text("Budget", { inputmode: "decimal", value: key?.budget ?? "", placeholder: "none" }),
    currency: text("Currency", { value: key?.currency ?? "USD" }),
    period: select("Each", PERIODS, key?.period ?? "month"),
    expires: text("Expires", {
      value: key?.expires?.slice(0, 10) ?? "",
      placeholder: "never; or 90d, 2027-01-31",
    }),
  };
  const operator = element("input", { type: "checkbox", checked: key?.operator });
  const problem = element("p", { class: "problem", role: "alert" });

  async function submit(event) {
    event.preventDefault();
    try {
      const path = key ? `/v1/keys/${encodeURIComponent(key.name)}` : "/v1/keys";
      await done(await asked(path, { method: "POST", body: given() }));
    } catch (error) {
      show(error);
    }
  }

  function given() {
    const said = Object.fromEntries(
      Object.entries(fields).map(([name, one]) => [name, one.input.value.trim()]),
    );
    const number = (word) => (word === "" ? null : Number(word));
    const { name, models, rpm, at_once: atOnce, budget, currency, period, expires } = said;
    const terms = {
      models: models
        .split(",")
        .map((one) => one.trim())
        .filter(Boolean),
      rpm: number(rpm),
      at_once: number(atOnce),
      budget: budget || null,
      currency,
      period,
      operator: operator.checked,
    };
    // What is as it was is not said again: a day that has passed would be a mistake.
    if (expires !== (key?.expires?.slice(0, 10) ?? "")) terms.expires = expires || null;
    return key ? terms : { name, ...terms };
  }

  function show(error) {
    const problems = error.problems || [];
    for (const [name, one] of Object.entries(fields)) {
      const mine = problems.find((other) => parameterOf(other) === name);
      one.trouble(mine ? { text: mine.message } : null);
    }
    const isTold = problems.length && problems.every((one) => parameterOf(one) in fields);
    tell(problem, isTold ? null : { text: error.message });
  }

  const shown = Object.fromEntries(Object.entries(fields).map(([name, one]) => [name, one.element]));
  return element(
    "form",
    { class: "panel key-form", submit },
    element("div", { class: "row" }, shown.name, shown.models),
    element("div", { class: "row" }, shown.rpm, shown.at_once),
    element("div", { class: "row three" }, shown.budget, shown.currency, shown.period),
    shown.expires,
    element("label", { class: "check" }, operator, "An operator: sees this page, and all that it does"),
    problem,
    element(
      "p",
      { class: "actions" },
      element("button", { class: "primary" }, key ? "Change" : "Make the key"),
      button("Leave it", close),
    ),
  );
}

function text(label, attributes, hint) {
  const input = element("input", { id: freshId("key"), autocomplete: "off", ...attributes });
  return { input, ...field(label, input, hint) };
}

function select(label, words, chosen) {
  const input = element(
    "select",
    { id: freshId("key") },
    words.map((word) => element("option", { value: word, selected: word === chosen }, word)),
  );
  return { input, ...field(label, input) };
}
