// Makes what is shown. Whatever comes from elsewhere (prompts, names, errors) is text here: nothing
// is ever read as HTML.

/** Characters of a value that don't fit into one column of `facts`, and into two. */
const [LONG, WHOLE] = [18, 30];
const SVG = "http://www.w3.org/2000/svg";

/**
 * An element. Functions in `attributes` listen to the event of their name, `true` sets an attribute
 * without a value, and what is null or false is left out. Children are elements or text.
 */
export function element(tag, attributes = {}, ...children) {
  return filled(document.createElement(tag), attributes, children);
}

/** The same, of a drawing. */
export function drawn(tag, attributes = {}, ...children) {
  return filled(document.createElementNS(SVG, tag), attributes, children);
}

function filled(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") node.addEventListener(name, value);
    else if (value === true) node.setAttribute(name, "");
    else if (value !== null && value !== undefined && value !== false) node.setAttribute(name, value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return node;
}

/** A box of this class, with what is in it. */
export function box(kind, ...children) {
  return element("div", { class: kind }, ...children);
}

/** A button that does something, and nothing else. */
export function button(text, click, attributes = {}) {
  return element("button", { type: "button", click, ...attributes }, text);
}

/** Put these in place of whatever an element has. */
export function fill(node, ...children) {
  node.replaceChildren(...children.flat().filter(Boolean));
  return node;
}

/** Tell those who listen to the page rather than look at it. */
export function say(text) {
  document.getElementById("said").textContent = text;
}

let numbers = 0;
/** An id that nothing else on the page has. */
export function freshId(about = "x") {
  numbers += 1;
  return `${about}-${numbers}`;
}

/** Names and values; what has none is left out, and what is long has more room. */
export function facts(rows) {
  const told = rows.filter(([, value]) => value !== null && value !== undefined && value !== "");
  return element(
    "dl",
    { class: "facts" },
    told.map(([name, value]) =>
      element(
        "div",
        { class: roomOf(String(value).length) },
        element("dt", {}, name),
        element("dd", {}, value),
      ),
    ),
  );
}

function roomOf(length) {
  return length > WHOLE ? "whole" : length > LONG ? "long" : null;
}

/** A table with a name, which is read out before it. */
export function table(name, heads, rows) {
  return element(
    "table",
    {},
    element("caption", { class: "unseen" }, name),
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        heads.map((head) => element("th", { scope: "col" }, head)),
      ),
    ),
    element(
      "tbody",
      {},
      rows.map(([first, ...cells]) =>
        element(
          "tr",
          {},
          element("th", { scope: "row" }, first),
          cells.map((cell) => element("td", {}, cell)),
        ),
      ),
    ),
  );
}

/** At most so much of a text; what is cut off is seen to be. */
export function shortened(text, most) {
  const letters = [...text.slice(0, 2 * most)];
  return text.length <= most ? text : `${letters.slice(0, most).join("")}…`;
}

/** Seconds since 1970 as people here write a moment. */
export function moment(seconds) {
  const shown = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });
  return shown.format(new Date(seconds * 1000));
}

/** What something cost. Unknown is never nothing. */
export function money(cost) {
  if (!cost) return "unknown";
  if (Number(cost.amount) === 0) return "nothing";
  const amount = cost.amount.includes(".") ? cost.amount.replace(/0+$/, "").replace(/\.$/, "") : cost.amount;
  return cost.currency ? `${amount} ${cost.currency}` : amount;
}

/** What is left of a key's budget, which counts billionths. */
export function leftOf({ spent, budget, currency, period }) {
  const left = Math.max(0, Number(budget) - Number(spent)).toFixed(9);
  const when = period === "total" ? "in all" : `this ${period}`;
  return `${money({ amount: left, currency })} of ${money({ amount: budget, currency })} ${when}`;
}

/** What a key has spent of its budget. */
export function spentOf({ spent, budget, currency, period }) {
  const each = period === "total" ? "in all" : `a ${period}`;
  return `${money({ amount: spent, currency })} of ${money({ amount: budget, currency })} ${each}`;
}
