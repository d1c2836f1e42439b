// The control of one parameter, made from what its schema says of it.

import { element } from "./element.js";
import { radios, selected, tell, written } from "./fields.js";

const LABELS = {
  n: "Pictures",
  negative_prompt: "What not to draw",
  output_format: "File type",
  sequential_image_generation: "Group of pictures",
  sequential_image_generation_options: "Of a group",
};
/** Of few words, all are shown at once. */
const FEW = 4;

/** The control of one parameter, by its schema. */
export function control(name, schema, changed) {
  const label = LABELS[name] || name[0].toUpperCase() + name.slice(1).replaceAll("_", " ");
  const made = schema.type === "object" ? group(label, schema, changed) : single(label, schema, changed);
  const value = () => {
    const given = made.value();
    return given === undefined ? {} : { [name]: given };
  };
  return {
    names: [name],
    element: made.element,
    value,
    trouble: made.trouble,
    set: (values) => made.set(values[name]),
    repair: (_, nearest) => {
      made.set(nearest);
      changed();
    },
  };
}

function single(label, schema, changed) {
  if (schema.enum || schema.type === "boolean") return choice(label, schema, changed);
  const { input, ...made } = written(label, { ...shapeOf(schema), input: changed }, schema.description);
  const set = (given) => {
    input.value = given === undefined ? "" : String(given);
  };
  return { ...made, value: () => typed(input.value.trim(), schema), set };
}

/** What may be written; that it is right is the gateway's to say. */
function shapeOf(schema) {
  const isNamed = schema.default !== undefined && typeof schema.default !== "object";
  const placeholder = isNamed ? String(schema.default) : "";
  if (!isNumber(schema)) return { maxlength: schema.maxLength, placeholder };
  const step = schema.type === "integer" ? 1 : "any";
  const { minimum: min, maximum: max } = schema;
  return { type: "number", min, max, step, placeholder: placeholder || "any" };
}

function isNumber(schema) {
  return ["integer", "number"].includes(schema?.type);
}

/** What was written, as the parameter has it; what is no number stays a text, and is told to be wrong. */
function typed(text, schema) {
  if (text === "") return undefined;
  if (schema.type === "array") return text.split(",").map((one) => typed(one.trim(), schema.items));
  return isNumber(schema) && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** One of few words; or nothing, and the model has its own way. */
function choice(label, schema, changed) {
  const words = schema.enum || [true, false];
  const told = (word) => (word === true ? "On" : word === false ? "Off" : String(word));
  const auto = schema.default === undefined ? "Auto" : `Auto (${told(schema.default)})`;
  const options = [["", auto], ...words.map((word) => [JSON.stringify(word), told(word)])];
  const made =
    words.length <= FEW
      ? radios(label, options, changed, { class: "segments", hint: schema.description })
      : listed(label, options, changed, schema.description);
  return {
    ...made,
    value: () => (made.value() === "" ? undefined : JSON.parse(made.value())),
    set: (given) => made.set(given === undefined ? "" : JSON.stringify(given)),
  };
}

function listed(label, options, changed, hint) {
  const { input, ...made } = selected(label, options, { change: changed }, hint);
  const set = (given) => {
    input.value = given;
  };
  return { ...made, value: () => input.value, set };
}

/** Several parameters that are one: an object. */
function group(label, schema, changed) {
  const parts = Object.entries(schema.properties || {}).map(([name, one]) => control(name, one, changed));
  const problem = element("p", { class: "problem", role: "alert" });
  const legend = element("legend", {}, label);
  const shown = parts.map((one) => one.element);
  return {
    element: element("fieldset", { class: "group" }, legend, shown, problem),
    value() {
      const given = Object.assign({}, ...parts.map((one) => one.value()));
      return Object.keys(given).length ? given : undefined;
    },
    set: (given) => parts.forEach((one) => one.set(given || {})),
    trouble: (told) => tell(problem, told),
  };
}
