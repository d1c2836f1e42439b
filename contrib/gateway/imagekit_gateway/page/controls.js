// A model's controls, made from what its capability record says that it takes.

import { button, element, freshId } from "./element.js";
import { field, parameterOf, radios, tell } from "./fields.js";
import { sizeControl } from "./shapes.js";

/** Of these the page takes care itself, or nobody who looks at a page has a use for them. */
const NOT_SHOWN = [
  "prompt",
  "image",
  "mask",
  "response_format",
  "callback_url",
  "external_task_id",
  "user",
  "size",
  "ratio",
  "resolution",
  "n",
  "seed",
  "stream",
  "partial_images",
];
const LABELS = {
  n: "Pictures",
  negative_prompt: "What not to draw",
  output_format: "File type",
  sequential_image_generation: "Group of pictures",
  sequential_image_generation_options: "Of a group",
};
/** Of few words, all are shown at once. */
const FEW = 4;
const MOST_PICTURES = 10;
/** These are seen at once; all others are below "More". */
const FIRST = ["quality"];

/**
 * All controls of a model. `values()` are the parameters that somebody has chosen, `set(values)`
 * chooses them, `trouble(problems)` shows each beside its control and gives back those of none.
 */
export function controlsOf(record, changed) {
  const { properties } = record.hosts[0].schema;
  const sizes = sizeControl(record, changed);
  const seed = properties.seed && control("seed", properties.seed, changed);
  const n = control(
    "n",
    { minimum: 1, maximum: MOST_PICTURES, default: 1, ...properties.n, type: "integer" },
    changed,
  );
  const rest = Object.entries(properties)
    .filter(([name]) => !NOT_SHOWN.includes(name))
    .map(([name, schema]) => control(name, schema, changed));
  const first = rest.filter((one) => FIRST.includes(one.names[0]));
  const more = rest.filter((one) => !FIRST.includes(one.names[0]));
  const every = [sizes, n, seed, ...rest].filter(Boolean);
  const details = more.length
    ? element(
        "details",
        { class: "more" },
        element("summary", {}, `More that ${record.title || "this model"} takes`),
        more.map((one) => one.element),
      )
    : null;
  const rows = element(
    "div",
    { class: "controls" },
    sizes?.element,
    element("div", { class: "row" }, n.element, seed?.element),
    first.map((one) => one.element),
    details,
  );

  function set(values) {
    for (const one of every) {
      const mine = Object.fromEntries(
        one.names.filter((name) => name in values).map((name) => [name, values[name]]),
      );
      one.set(mine);
    }
  }

  function trouble(problems) {
    const left = new Set(problems);
    for (const one of every) {
      const mine = problems.filter((problem) => one.names.includes(parameterOf(problem)));
      mine.forEach((problem) => left.delete(problem));
      one.trouble(mine.length ? withRepair(mine[0], one) : null);
      if (mine.length && details?.contains(one.element)) details.open = true;
    }
    return [...left];
  }

  return { element: rows, values: () => Object.assign({}, ...every.map((one) => one.value())), set, trouble };
}

/** What is wrong, and a button that mends it where somebody knows how. */
function withRepair(problem, control) {
  const { nearest } = problem;
  const repair =
    nearest === undefined
      ? null
      : button(`Use ${nearest}`, () => control.repair(problem.param, nearest), { class: "repair" });
  return { text: problem.message, repair, isAdvice: problem.isAdvice };
}

/** The control of one parameter, by its schema. */
function control(name, schema, changed) {
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
  const isNumber = ["integer", "number"].includes(schema.type);
  const about = { id: freshId("field"), input: changed, autocomplete: "off" };
  const shown =
    schema.default === undefined || typeof schema.default === "object" ? "" : String(schema.default);
  const input = isNumber
    ? element("input", {
        ...about,
        type: "number",
        min: schema.minimum,
        max: schema.maximum,
        step: schema.type === "integer" ? 1 : "any",
        placeholder: shown || "any",
      })
    : element("input", { ...about, maxlength: schema.maxLength, placeholder: shown });
  const told = field(label, input, schema.description);
  return {
    ...told,
    value: () => typed(input.value.trim(), schema),
    set: (given) => {
      input.value = given === undefined ? "" : String(given);
    },
  };
}

/** What was written, as the parameter has it; what is no number stays a text, and is told to be wrong. */
function typed(text, schema) {
  if (text === "") return undefined;
  const number = (word) => (word.trim() !== "" && Number.isFinite(Number(word)) ? Number(word) : word);
  if (schema.type === "array")
    return text.split(",").map((one) => (schema.items?.type === "integer" ? number(one) : one.trim()));
  return ["integer", "number"].includes(schema.type) ? number(text) : text;
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
      : selection(label, options, changed, schema.description);
  return {
    ...made,
    value: () => (made.value() === "" ? undefined : JSON.parse(made.value())),
    set: (given) => made.set(given === undefined ? "" : JSON.stringify(given)),
  };
}

function selection(label, options, changed, hint) {
  const select = element(
    "select",
    { id: freshId("field"), change: changed },
    options.map(([value, text]) => element("option", { value }, text)),
  );
  return {
    ...field(label, select, hint),
    value: () => select.value,
    set: (given) => {
      select.value = given;
    },
  };
}

/** Several parameters that are one: an object. */
function group(label, schema, changed) {
  const parts = Object.entries(schema.properties || {}).map(([name, one]) => control(name, one, changed));
  const problem = element("p", { class: "problem", role: "alert" });
  const whole = element(
    "fieldset",
    { class: "group" },
    element("legend", {}, label),
    parts.map((one) => one.element),
    problem,
  );
  const value = () => {
    const given = Object.assign({}, ...parts.map((one) => one.value()));
    return Object.keys(given).length ? given : undefined;
  };
  return {
    element: whole,
    value,
    set: (given) => parts.forEach((one) => one.set(given || {})),
    trouble: (told) => tell(problem, told),
  };
}
