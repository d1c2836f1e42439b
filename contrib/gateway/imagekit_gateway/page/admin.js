// For whoever runs the gateway: what is open, what was spent, who may ask.

import { costs } from "./costs.js";
import { element } from "./element.js";
import { keys } from "./keys.js";
import { openRequests } from "./open.js";

/** The view; looked at again, everything in it is as it is then. */
export function view() {
  const spent = costs();
  const parts = [openRequests(() => spent.look()), spent, keys()];
  const whole = element(
    "div",
    { class: "admin" },
    element("h1", { class: "unseen" }, "Admin"),
    parts.map((part) => part.element),
  );
  return { element: whole, shown: () => parts.forEach((part) => part.look()) };
}
