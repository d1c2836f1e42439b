// What controls are made of: a label, what is put in, and what is wrong with it.

import { box, element, fill, freshId } from "./element.js";

/** The parameter that a problem is of. */
export function parameterOf(problem) {
  return problem.param.split(/[.[]/)[0];
}

/** A control with its label above it, what there is to know below, and what is wrong with it. */
export function field(label, input, hint) {
  const [hintId, problemId] = [freshId("hint"), freshId("problem")];
  const problem = element("p", { id: problemId, class: "problem", "aria-live": "polite" });
  input.setAttribute("aria-describedby", hint ? `${problemId} ${hintId}` : problemId);
  const told = hint ? element("p", { id: hintId, class: "hint" }, hint) : null;
  const whole = box("field", element("label", { for: input.id }, label), input, problem, told);
  return { element: whole, trouble: (wrong) => tell(problem, wrong, input) };
}

/** Say beside a control what is wrong with it, or nothing. */
export function tell(problem, told, input = null) {
  const text = told?.text || "";
  if (input) input.setAttribute("aria-invalid", String(Boolean(told) && !told.isAdvice));
  problem.classList.toggle("advice", Boolean(told?.isAdvice));
  if (problem.firstChild?.textContent === text && !told?.repair) return;
  fill(problem, text ? element("span", {}, text) : null, told?.repair);
}

/** A field that is written into. */
export function written(label, attributes, hint) {
  const input = element("input", { id: freshId("field"), autocomplete: "off", ...attributes });
  return { input, ...field(label, input, hint) };
}

/** A list of `[value, text]`, of which one is chosen. */
export function selected(label, options, attributes = {}, hint = "") {
  const each = options.map(([value, text]) => element("option", { value }, text));
  const input = element("select", { id: freshId("field"), ...attributes }, each);
  return { input, ...field(label, input, hint) };
}

/** Radio buttons, of which one is always chosen. `note` says more of each, and may change. */
export function radios(label, options, changed, { class: kind, hint, picture, note } = {}) {
  const name = freshId("radio");
  const problem = element("p", { class: "problem", "aria-live": "polite" });
  const notes = new Map();
  const inputs = options.map(([value], at) =>
    element("input", { type: "radio", name, value, checked: at === 0, change: changed }),
  );
  const labels = options.map(([value, text], at) => {
    if (note) notes.set(value, element("small", {}));
    return element("label", {}, inputs[at], picture?.(value), element("span", {}, text), notes.get(value));
  });
  const legend = element("legend", {}, label);
  const told = hint ? element("p", { class: "hint" }, hint) : null;
  return {
    element: element("fieldset", { class: kind }, legend, box("options", labels), problem, told),
    value: () => inputs.find((one) => one.checked)?.value ?? "",
    set(given) {
      for (const one of inputs) one.checked = one.value === given;
    },
    trouble: (wrong) => tell(problem, wrong),
    renote() {
      for (const [value, small] of notes) small.textContent = note(value);
    },
  };
}
