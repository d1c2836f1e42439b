// How large a picture is to be: a shape to pick, how fine it is, or a size in pixels.

import { box, drawn } from "./element.js";
import { radios, written } from "./fields.js";

const AUTO = "";
const EXACT = "exact";
const PIXELS = /^\d+x\d+$/;

/** The control of `size`, `ratio` and `resolution`; null for a model that has none of them. */
export function sizeControl(record, changed) {
  const told = offered(record);
  return told.shapes.length || told.tiers.length || told.custom ? new SizeControl(told, changed) : null;
}

class SizeControl {
  constructor(told, changed) {
    this.names = ["size", "ratio", "resolution"];
    [this.told, this.changed] = [told, changed];
    this.exact = written("Size in pixels", { placeholder: told.example, input: changed }, told.custom);
    this.shape = this.shapes();
    this.fineness = this.tiers();
    const isShaped = told.shapes.length || told.custom;
    const fineness = told.tiers.length ? this.fineness.element : null;
    this.element = box("sizes", isShaped ? this.shape.element : null, this.exact.element, fineness);
    this.show();
  }

  shapes() {
    const { shapes, custom } = this.told;
    const exact = custom ? [[EXACT, "Exact"]] : [];
    const options = [[AUTO, "Auto"], ...shapes.map((one) => [one, one]), ...exact];
    const note = (value) => this.told.pixels(value, this.fineness.value());
    return radios("Shape", options, () => this.picked(), { class: "shapes", picture: rectangle, note });
  }

  tiers() {
    const { tiers, defaultTier } = this.told;
    const auto = defaultTier ? `Auto (${defaultTier})` : "Auto";
    const options = [[AUTO, auto], ...tiers.map((one) => [one, one])];
    return radios("Resolution", options, () => this.picked(), { class: "segments" });
  }

  picked() {
    this.show();
    this.changed();
  }

  show() {
    const isExact = this.shape.value() === EXACT;
    this.exact.element.hidden = !isExact;
    this.fineness.element.hidden = isExact; // pixels say it already
    this.shape.renote();
  }

  value() {
    const [ratio, tier] = [this.shape.value(), this.fineness.value()];
    const pixels = this.exact.input.value.trim();
    if (ratio === EXACT) return pixels ? { size: pixels } : {};
    if (ratio.includes("x")) return { size: ratio };
    if (ratio !== AUTO) return tier === AUTO ? { ratio } : { ratio, resolution: tier };
    return tier === AUTO ? {} : { size: tier };
  }

  /** Pick what these parameters say, as far as it is offered; a size in pixels is written down. */
  set({ size, ratio, resolution }) {
    const { shapes, tiers, custom } = this.told;
    this.fineness.set([resolution, size].find((one) => tiers.includes(one)) ?? AUTO);
    const isExact = custom && PIXELS.test(size) && !shapes.includes(size);
    this.shape.set([ratio, size].find((one) => shapes.includes(one)) ?? (isExact ? EXACT : AUTO));
    if (this.shape.value() === EXACT) this.exact.input.value = size;
    this.show();
  }

  trouble(problem) {
    const isExact = this.shape.value() === EXACT;
    this.exact.trouble(isExact ? problem : null);
    this.shape.trouble(isExact ? null : problem);
  }

  /** Take what is nearest to right. */
  repair(name, nearest) {
    this.set(PIXELS.test(nearest) ? { size: nearest } : { ...this.value(), [name]: String(nearest) });
    this.changed();
  }
}

/** What the capability record says of sizes, in the words of this control. */
function offered(record) {
  const [host] = record.hosts;
  const { ratio, resolution, size } = host.schema.properties;
  const sizes = host.sizes || record.sizes || {};
  const table = sizes.table || {};
  const words = (size?.anyOf || [size || {}]).flatMap((one) => one.enum || []);
  const exacts = words.filter((word) => PIXELS.test(word));
  const tiers = resolution?.enum || words.filter((word) => (sizes.tiers || []).includes(word));
  const defaultTier = tiers.includes(sizes.default_tier) ? sizes.default_tier : null;
  const known = Object.keys(table[defaultTier] || Object.values(table)[0] || {});
  const shapes = ratio?.enum || (ratio && known.length ? known : exacts);
  return {
    tiers,
    defaultTier,
    shapes,
    custom: sizes.custom || (size && !size.anyOf && !size.enum ? "such as 1024x1024" : null),
    example: table[defaultTier]?.["1:1"] || "1024x1024",
    pixels: (shape, tier) => table[tier || defaultTier]?.[shape] || "",
  };
}

/** A little rectangle of this shape. */
function rectangle(value) {
  const [wide, high] = value.split(/[:x]/).map(Number);
  const about = { viewBox: "0 0 28 28", width: 28, height: 28, class: "shape", "aria-hidden": "true" };
  if (!(wide > 0 && high > 0)) {
    const line =
      value === EXACT ? "M8 4v20M20 4v20M4 8h20M4 20h20" : "M4 10V4h6M18 4h6v6M24 18v6h-6M10 24H4v-6";
    return drawn("svg", about, drawn("path", { d: line, class: "open" }));
  }
  const scale = 24 / Math.max(wide, high);
  const [width, height] = [Math.max(3, wide * scale), Math.max(3, high * scale)];
  return drawn(
    "svg",
    about,
    drawn("rect", { x: 14 - width / 2, y: 14 - height / 2, width, height, rx: 1.5 }),
  );
}
