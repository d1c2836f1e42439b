// What went wrong, whether it was paid for, and what may be done.

import { Refused } from "./api.js";
import { box, button, element, facts } from "./element.js";

const UNSEEN =
  "Nobody saw its end, so it may have been paid for. The gateway looks for it; before you make it again, " +
  "look whether it has turned up, or ask whoever runs this gateway to look at the host's bill.";
const RUNNING = "It goes on. The gallery has it once it is there; don't make it again meanwhile.";
/** What may be done about what was certainly free, and the codes of which it is said. */
const FREE = [
  ["Change what is wrong with it.", ["invalid_value", "rejected_by_host", "ambiguous_model"]],
  ["The host does not draw this; say it otherwise.", ["content_policy_violation"]],
  ["Whoever runs this gateway can give this key more.", ["insufficient_quota"]],
  ["Choose another model.", ["unknown_price", "model_not_found", "model_not_allowed"]],
  ["Choose another model, or come back later.", ["model_unavailable", "upstream_error"]],
  ["Wait a little, and try again.", ["rate_limit_exceeded", "too_many_at_once", "in_progress"]],
  ["Try again later.", ["store_unavailable", "upstream_unavailable", "deadline_exceeded"]],
  ["Whoever runs this gateway has to mend that.", ["upstream_credentials", "upstream_balance"]],
  ["Whoever runs this gateway has to mend that.", ["not_configured", "internal_error", "outdated"]],
];
const UNREACHED =
  "The gateway was not reached, or the connection broke. Asking again is safe: what has arrived is not " +
  "made twice.";

/** What is shown in place of a picture. `again()` sends the very same once more. */
export function trouble(error, again) {
  if (error instanceof Refused) return box("trouble", ...refused(error));
  const isAway = error instanceof TypeError; // as browsers say that a connection broke
  const asking = element("p", {}, button("Ask again", again));
  const what = element("p", { class: isAway ? "muted" : "what" }, error.message);
  return isAway ? box("trouble", element("p", {}, UNREACHED), what, asking) : box("trouble", what);
}

/** In one sentence, whether there is a picture. */
export function whatIsKnown(error) {
  if (error.code === "still_running") return "It is still being made.";
  const isOpen = error instanceof TypeError || error.code === "outcome_unknown";
  return isOpen ? "Nobody knows whether there is a picture." : "There is no picture.";
}

function refused({ message, code, charged, record }) {
  const known = [
    ["Charged", charged],
    ["Record", record],
  ];
  const what = element("p", { class: "what" }, message);
  return [what, element("p", {}, advice(code, charged)), facts(known)];
}

/** What may be done about a request that brought no picture. */
export function advice(code, charged) {
  if (code === "still_running") return RUNNING;
  if (charged === "maybe") return UNSEEN;
  if (charged === "yes") return "It was paid for. To make it again costs once more.";
  const [more] = FREE.find(([, codes]) => codes.includes(code)) || [""];
  return `Nothing was charged. ${more}`.trim();
}
