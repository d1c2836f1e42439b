// How large a picture is to be: a shape to pick, how fine it is, or a size in pixels.

import { drawn, element, freshId } from "./element.js";
import { field, radios } from "./fields.js";

const AUTO = "";
const EXACT = "exact";
const PIXELS = /^\d+x\d+$/;

/** The control of `size`, `ratio` and `resolution`; null for a model that has none of them. */
export function sizeControl(record, changed) {
  const told = offered(record);
  if (!told.shapes.length && !told.tiers.length && !told.custom) return null;
  const exact = element("input", {
    id: freshId("size"),
    placeholder: told.example,
    size: 12,
    inputmode: "text",
    autocomplete: "off",
    input: changed,
  });
  const exactField = field("Size in pixels", exact, told.custom);
  const shape = radios(
    "Shape",
    [[AUTO, "Auto"], ...told.shapes.map((one) => [one, one]), ...(told.custom ? [[EXACT, "Exact"]] : [])],
    picked,
    {
      class: "shapes",
      picture: (value) => rectangle(value),
      note: (value) => told.pixels(value, fineness.value()),
    },
  );
  const fineness = told.tiers.length
    ? radios(
        "Resolution",
        [
          [AUTO, told.defaultTier ? `Auto (${told.defaultTier})` : "Auto"],
          ...told.tiers.map((one) => [one, one]),
        ],
        picked,
        { class: "segments" },
      )
    : { element: null, value: () => AUTO, set() {} };
  const shapeShown = told.shapes.length || told.custom ? shape.element : null;
  const group = element("div", { class: "sizes" }, shapeShown, exactField.element, fineness.element);
  picked();

  function picked() {
    exactField.element.hidden = shape.value() !== EXACT;
    shape.renote();
    changed();
  }

  function value() {
    const [ratio, tier] = [shape.value(), fineness.value()];
    if (ratio === EXACT) return exact.value.trim() ? { size: exact.value.trim() } : {};
    if (ratio.includes("x")) return { size: ratio };
    if (ratio !== AUTO) return tier === AUTO ? { ratio } : { ratio, resolution: tier };
    return tier === AUTO ? {} : { size: tier };
  }

  /** Pick what these parameters say; whatever is not offered is written down as it is. */
  function set({ size, ratio, resolution }) {
    fineness.set(resolution ?? (told.tiers.includes(size) ? size : AUTO));
    if (ratio !== undefined) shape.set(ratio);
    else if (size === undefined || size === "auto" || told.tiers.includes(size)) shape.set(AUTO);
    else if (told.shapes.includes(size)) shape.set(size);
    else {
      shape.set(EXACT);
      exact.value = size;
    }
    picked();
  }

  function trouble(problem) {
    (shape.value() === EXACT ? exactField : shape).trouble(problem);
    if (!problem) shape.trouble(null);
  }

  return {
    names: ["size", "ratio", "resolution"],
    element: group,
    value,
    set,
    trouble,
    repair: (name, nearest) =>
      set(PIXELS.test(nearest) ? { size: nearest } : { ...value(), [name]: String(nearest) }),
  };
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
