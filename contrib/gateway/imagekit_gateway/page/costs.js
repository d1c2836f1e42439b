// What was spent: by day, model, host or key.

import { asked } from "./api.js";
import { bars, lying } from "./chart.js";
import { box, element, fill, money, table } from "./element.js";
import { radios } from "./fields.js";

const DAY = 86_400_000;
const GROUPS = [
  ["day", "Day"],
  ["model", "Model"],
  ["host", "Host"],
  ["key", "Key"],
];
const SPANS = [
  ["30", "30 days"],
  ["7", "7 days"],
  ["90", "90 days"],
  ["365", "A year"],
];
/** Of money that nobody names a currency of. */
const NAMELESS = "?";

/** The part of the page; `look()` asks anew. */
export function costs() {
  const by = radios("Grouped by", GROUPS, look, { class: "segments" });
  const span = radios("Time", SPANS, look, { class: "segments" });
  const place = element("div", { class: "costs", "aria-live": "polite" });
  const whole = element(
    "section",
    {},
    element("h2", {}, "Costs"),
    element("div", { class: "choices" }, by.element, span.element),
    place,
  );
  let turn = 0;

  async function look() {
    const mine = (turn += 1);
    const group = by.value();
    const since = new Date(Date.now() - (Number(span.value()) - 1) * DAY).toISOString().slice(0, 10);
    try {
      const found = await asked(`/v1/costs?${new URLSearchParams({ by: group, since })}`);
      if (mine === turn) fill(place, shown(found, group, since, place.clientWidth));
    } catch (error) {
      if (mine === turn) fill(place, element("p", { class: "problem" }, error.message));
    }
  }

  return { element: whole, look };
}

function shown({ groups, total }, group, since, wide) {
  if (!total.calls) return element("p", { class: "muted" }, "No host was asked in this time.");
  const sums =
    total.amounts.map((one) => money({ amount: one.cost, currency: one.currency })).join(" and ") ||
    (total.unknown ? "Nothing that is known" : "Nothing");
  const unknown = total.unknown
    ? ` and ${total.unknown} ${total.unknown === 1 ? "call" : "calls"} of unknown cost`
    : "";
  const head = element(
    "p",
    { class: "sum" },
    element("strong", {}, sums),
    element(
      "span",
      { class: "muted" },
      `${unknown}, for ${total.calls} calls, ${total.pictures} pictures kept`,
    ),
  );
  const currencies = total.amounts.map((one) => one.currency ?? NAMELESS);
  const charts = group === "day" ? currencies.map((currency) => byDay(groups, currency, since, wide)) : [];
  const listed = list(groups, group, currencies);
  return [
    head,
    ...charts,
    charts.length ? element("details", {}, element("summary", {}, "As a table"), listed) : listed,
  ];
}

/** All days, those of which there is nothing as well. */
function byDay(groups, currency, since, wide) {
  const known = new Map(groups.map((one) => [one.name, amountIn(one, currency)]));
  const days = [];
  for (let at = Date.parse(since); at <= Date.now(); at += DAY)
    days.push(new Date(at).toISOString().slice(0, 10));
  const rows = days.map((name) => {
    const amount = known.get(name) ?? "0";
    return { name, short: name.slice(5), amount: Number(amount), label: money({ amount, currency }) };
  });
  const dearest = rows.reduce((one, other) => (other.amount > one.amount ? other : one));
  const told = `Costs by day in ${currency}, from ${since}; most on ${dearest.name}: ${dearest.label}. All of it is in the table below.`;
  const drawn = bars(rows, told, Math.max(wide, 280));
  return element("figure", {}, element("figcaption", {}, `${currency} by day`), drawn);
}

function amountIn({ amounts }, currency) {
  return amounts.find((one) => (one.currency ?? NAMELESS) === currency)?.cost;
}

/** A column for each currency, for what is in several has no common measure. */
function list(groups, group, currencies) {
  const number = (one, currency) => Number(amountIn(one, currency) ?? 0);
  const most = new Map(
    currencies.map((currency) => [currency, Math.max(...groups.map((one) => number(one, currency))) || 1]),
  );
  const cell = (one, currency) => {
    const amount = amountIn(one, currency);
    if (amount === undefined) return "–";
    const bar = group === "day" ? null : lying(number(one, currency) / most.get(currency));
    return element("span", {}, money({ amount, currency }), bar);
  };
  const dearer = (one, other) =>
    currencies.map((currency) => number(other, currency) - number(one, currency)).find(Boolean) ?? 0;
  const sorted = group === "day" ? [...groups].reverse() : [...groups].sort(dearer);
  const rows = sorted.map((one) => [
    one.name || "none",
    ...currencies.map((currency) => cell(one, currency)),
    one.calls,
    one.free,
    one.unknown,
  ]);
  const [, name] = GROUPS.find(([word]) => word === group);
  const heads = [name, ...currencies.map((currency) => `Cost, ${currency}`), "Calls", "Free", "Unknown"];
  return box("wide", table(`Costs by ${group}`, heads, rows));
}
