// Bars, drawn by hand. Whoever does not see them has the table beside them.

import { drawn } from "./element.js";

const HEIGHT = 200;
/** Room for what stands below, above and to the left of the bars. */
const [FOOT, TOP, LEFT] = [24, 14, 52];
/** Room for the name of a day below the bars. */
const NAME = 72;

/**
 * Bars of `[{name, short, label, amount}]` from left to right; `told` says it in one sentence, and
 * it is drawn as wide as there is room, so that its letters are as large as all others.
 */
export function bars(rows, told, wide) {
  const most = Math.max(...rows.map((row) => row.amount), 0) || 1;
  const top = ceiling(most);
  const step = (wide - LEFT) / rows.length;
  const y = (amount) => TOP + (HEIGHT - TOP - FOOT) * (1 - amount / top);
  const lines = [0, top / 2, top].map((amount) => [
    drawn("line", { x1: LEFT, x2: wide, y1: y(amount), y2: y(amount), class: "rule" }),
    drawn("text", { x: LEFT - 8, y: y(amount) + 4, "text-anchor": "end" }, written(amount)),
  ]);
  const every = Math.ceil(NAME / step);
  const each = rows.map((row, at) => {
    const x = LEFT + at * step;
    const width = Math.max(1, Math.min(step * 0.72, 48));
    const bar = drawn(
      "rect",
      {
        x: x + (step - width) / 2,
        y: y(row.amount),
        width,
        height: Math.max(0, y(0) - y(row.amount)),
        rx: Math.min(3, width / 4),
        class: "bar",
      },
      drawn("title", {}, `${row.name}: ${row.label}`),
    );
    const isNamed = (rows.length - 1 - at) % every === 0;
    return [
      bar,
      isNamed
        ? drawn(
            "text",
            at === rows.length - 1
              ? { x: wide, y: HEIGHT - 6, "text-anchor": "end" }
              : { x: x + step / 2, y: HEIGHT - 6, "text-anchor": "middle" },
            row.short,
          )
        : null,
    ];
  });
  return drawn(
    "svg",
    { viewBox: `0 0 ${wide} ${HEIGHT}`, class: "chart", role: "img", "aria-label": told },
    lines.flat(),
    each.flat(),
  );
}

/** A bar that lies, as long as its part of the most. */
export function lying(part) {
  return drawn(
    "svg",
    { viewBox: "0 0 100 8", preserveAspectRatio: "none", class: "lying", "aria-hidden": "true" },
    drawn("rect", { width: 100, height: 8, class: "track" }),
    drawn("rect", { width: Math.max(0, Math.min(100, part * 100)), height: 8, class: "bar" }),
  );
}

/** The next round number. */
function ceiling(most) {
  const unit = 10 ** Math.floor(Math.log10(most));
  return [1, 2, 5, 10].map((times) => times * unit).find((round) => round >= most) ?? most;
}

function written(amount) {
  return new Intl.NumberFormat(undefined, { maximumSignificantDigits: 3 }).format(amount);
}
