// What a key may do, how much of it, and until when: written down.

import { asked } from "./api.js";
import { box, button, element } from "./element.js";
import { parameterOf, selected, tell, written } from "./fields.js";

const PERIODS = ["month", "day", "total"].map((word) => [word, word]);
const UNLIMITED = { type: "number", min: 1, placeholder: "any number" };

/** A form for a new key, or for one that there is; `done(key)` is told of what came of it. */
export function keyForm(key, done, close) {
  const fields = fieldsOf(key);
  const operator = element("input", { type: "checkbox", checked: key?.operator });
  const before = { ...termsOf(fields), operator: operator.checked };
  const problem = element("p", { class: "problem", role: "alert" });
  const path = key ? `/v1/keys/${encodeURIComponent(key.name)}` : "/v1/keys";

  async function submit(event) {
    event.preventDefault();
    try {
      const said = { ...termsOf(fields), operator: operator.checked };
      const body = key ? changed(said, before) : said;
      await done(await asked(path, { method: "POST", body }));
    } catch (error) {
      show(error.problems || [], error.message);
    }
  }

  /** Each problem beside its field; what is of none below all of them. */
  function show(problems, message) {
    for (const [name, one] of Object.entries(fields)) {
      const mine = problems.find((other) => parameterOf(other) === name);
      one.trouble(mine ? { text: mine.message } : null);
    }
    const isTold = problems.length && problems.every((one) => parameterOf(one) in fields);
    tell(problem, isTold ? null : { text: message });
  }

  const press = element("button", { class: "primary" }, key ? "Change" : "Make the key");
  const about = "An operator: sees this page, and all that it does";
  return element(
    "form",
    { class: "panel key-form", submit },
    box("row", fields.name.element, fields.models.element),
    box("row", fields.rpm.element, fields.at_once.element),
    box("row three", fields.budget.element, fields.currency.element, fields.period.element),
    fields.expires.element,
    element("label", { class: "check" }, operator, about),
    problem,
    element("p", { class: "actions" }, press, button("Leave it", close)),
  );
}

function fieldsOf(key) {
  const models = { value: key?.models.join(", ") ?? "", placeholder: "any; or seedream-*, kling-v3" };
  const period = selected("Each", PERIODS);
  period.input.value = key?.period ?? "month";
  return {
    name: written("Name", { required: true, disabled: key !== null, value: key?.name ?? "" }),
    models: written("Models", models, "Patterns, with commas between them."),
    rpm: written("Requests a minute", { ...UNLIMITED, value: key?.rpm ?? "" }),
    at_once: written("At once", { ...UNLIMITED, value: key?.at_once ?? "" }),
    budget: written("Budget", { inputmode: "decimal", value: key?.budget ?? "", placeholder: "none" }),
    currency: written("Currency", { value: key?.currency ?? "USD" }),
    period,
    expires: written("Expires", { value: dayOf(key), placeholder: "never; or 90d, 2027-01-31" }),
  };
}

/** What is not as it was when the form was opened: others may have changed the rest since. */
function changed(said, before) {
  const isOther = (name) => JSON.stringify(said[name]) !== JSON.stringify(before[name]);
  return Object.fromEntries(Object.entries(said).filter(([name]) => isOther(name)));
}

/** What was written, as a key is told of it. */
function termsOf(fields) {
  const said = Object.fromEntries(
    Object.entries(fields).map(([name, one]) => [name, one.input.value.trim()]),
  );
  const number = (word) => (word === "" ? null : Number(word));
  const terms = { ...said };
  terms.models = said.models.split(",").map((one) => one.trim());
  terms.models = terms.models.filter(Boolean);
  terms.rpm = number(said.rpm);
  terms.at_once = number(said.at_once);
  terms.budget = said.budget || null;
  terms.expires = said.expires || null;
  return terms;
}

function dayOf(key) {
  return key?.expires?.slice(0, 10) ?? "";
}
