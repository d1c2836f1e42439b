// What became of each parameter, in plain words, and what the rest of an answer means.

import { element, facts, money, shortened } from "./element.js";

const LONGEST = 160;
/** What the page says itself, and nobody has chosen; the prompt stands above. */
const UNTOLD = ["prompt", "response_format", "stream", "partial_images"];

/** What there is to know of an answer: who drew, what it cost, what became of what was said. */
export function outcome(metadata) {
  const lines = metadata.receipt.filter((line) => !UNTOLD.includes(line.parameter)).map(inWords);
  const added = metadata.added.map((one) => `${one.field} = ${value(one.value)} was added: ${one.why}.`);
  const notes = [
    ...metadata.notes,
    ...(metadata.errors || []).map((one) => `Picture ${one.place + 1} did not come: ${one.message}`),
  ];
  return element(
    "section",
    { class: "outcome" },
    facts([
      ["Drawn by", metadata.host],
      ["Model", metadata.route],
      ["Charged", metadata.charged],
      ["Cost", priceOf(metadata)],
      ["Record", metadata.id],
    ]),
    told("What became of it", [...lines, ...added]),
    told("To know", notes),
  );
}

function told(title, lines) {
  if (!lines.length) return null;
  return element(
    "div",
    {},
    element("h3", {}, title),
    element(
      "ul",
      { class: "lines" },
      lines.map((line) => element("li", {}, line)),
    ),
  );
}

function priceOf({ charged, cost }) {
  return charged === "no" && !cost ? "nothing" : money(cost);
}

/** A line of a receipt as a sentence. */
function inWords({ parameter, value: given, action, fields = [], by, note }) {
  const what = `${parameter} ${value(given)}`;
  const why = note ? ` (${note})` : "";
  const said = by && !["caller", "gateway"].includes(by) ? `, said by ${by},` : "";
  const as = fields.map(([name, sent]) => `${name} ${value(sent)}`).join(", ");
  const isSame = fields.length === 1 && fields[0][0] === parameter && value(fields[0][1]) === value(given);
  switch (action) {
    case "sent":
      return `${what}${said} was sent${as && !isSame ? ` as ${as}` : " as it is"}${why}.`;
    case "mapped":
      return `${what}${said} was sent in the host's words${as ? `: ${as}` : ""}${why}.`;
    case "adapted":
      return `${what}${said} can't be done; the nearest was sent${as ? `: ${as}` : ""}${why}.`;
    case "dropped":
      return `${what}${said} was left out${why}.`;
    case "native":
      return `${what}${said} was sent unchecked${why}.`;
    default:
      return `${what}: ${action}${why}.`;
  }
}

/** A value as people read it; of a picture what it is. */
function value(given) {
  if (Array.isArray(given)) return given.map(value).join(", ");
  if (given && typeof given === "object" && given.media_type) {
    const size = given.width ? `, ${given.width}×${given.height}` : "";
    return `${given.name === "data URL" ? "of yours" : shortened(given.name || "picture", 40)} (${given.media_type}${size})`;
  }
  return shortened(typeof given === "string" ? given : JSON.stringify(given), LONGEST);
}
