// A model's controls, made from what its capability record says that it takes.

import { control } from "./control.js";
import { box, button, element } from "./element.js";
import { parameterOf } from "./fields.js";
import { sizeControl } from "./shapes.js";

/** Of these the page takes care itself, or nobody who looks at a page has a use for them. */
const NOT_SHOWN = new Set([
  ...["prompt", "image", "mask", "response_format", "callback_url", "external_task_id", "user"],
  ...["size", "ratio", "resolution", "n", "seed", "stream", "partial_images"],
]);
/** Every model makes several, in several calls if need be. */
const COUNT = { type: "integer", default: 1, minimum: 1 };
/** These are seen at once; all others are below "More". */
const FIRST = new Set(["quality"]);

/** All controls of a model; `changed()` is called when somebody has chosen otherwise. */
export class Controls {
  constructor(record, changed) {
    const { properties } = record.hosts[0].schema;
    const names = Object.keys(properties).filter((name) => !NOT_SHOWN.has(name));
    const made = (name) => control(name, properties[name], changed);
    const [first, more] = [
      names.filter((name) => FIRST.has(name)),
      names.filter((name) => !FIRST.has(name)),
    ].map((some) => some.map(made));
    const sizes = sizeControl(record, changed);
    const count = control("n", COUNT, changed);
    const seed = properties.seed ? made("seed") : null;
    this.every = [sizes, count, seed, ...first, ...more].filter(Boolean);
    this.details = more.length ? folded(`More that ${record.title} takes`, more) : null;
    const row = box("row", count.element, seed?.element);
    this.element = box("controls", sizes?.element, row, elements(first), this.details);
  }

  /** The parameters that somebody has chosen. */
  values() {
    return Object.assign({}, ...this.every.map((one) => one.value()));
  }

  /** Choose these, and leave all else to the model. */
  set(values) {
    for (const one of this.every) {
      const mine = Object.entries(values).filter(([name]) => one.names.includes(name));
      one.set(Object.fromEntries(mine));
    }
  }

  /** Show each problem beside its control; gives back those of none. */
  trouble(problems) {
    const left = new Set(problems);
    for (const one of this.every) {
      const mine = problems.filter((problem) => one.names.includes(parameterOf(problem)));
      mine.forEach((problem) => left.delete(problem));
      one.trouble(mine.length ? withRepair(mine[0], one) : null);
      if (mine.length && this.details?.contains(one.element)) this.details.open = true;
    }
    return [...left];
  }
}

function elements(controls) {
  return controls.map((one) => one.element);
}

function folded(title, controls) {
  return element("details", { class: "more" }, element("summary", {}, title), elements(controls));
}

/** What is wrong, and a button that mends it where somebody knows how. */
function withRepair({ message, param, nearest, isAdvice }, one) {
  const mend = () => one.repair(param, nearest);
  const repair = nearest === undefined ? null : button(`Use ${nearest}`, mend, { class: "repair" });
  return { text: message, repair, isAdvice };
}
