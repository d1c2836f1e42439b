// What would become of a request, asked while it is written down. Nothing is sent to a host for it.

import { Refused, asked } from "./api.js";

/** Milliseconds for which nobody has typed. */
const PAUSE = 250;
/** Milliseconds after which a gateway that was not reached is asked once more. */
const AWAY = 3000;

/**
 * Asks of the newest request, and tells `found({plan})`, `found({problems, message})`, or
 * `found({away})` where the gateway is not reached, which is asked until it is. Older ones are let
 * go.
 */
export function planner(found) {
  let timer = 0;
  let open = null;

  async function look(body) {
    const mine = (open = new AbortController());
    try {
      found({ plan: await asked("/v1/images/plan", { method: "POST", body, signal: mine.signal }) });
    } catch (error) {
      if (mine.signal.aborted) return;
      if (error instanceof Refused) found({ problems: error.problems, message: error.message });
      else {
        found({ away: true });
        timer = setTimeout(() => look(body), AWAY);
      }
    }
  }

  return function plan(body) {
    clearTimeout(timer);
    open?.abort(); // what it answers would be of what was chosen before
    timer = setTimeout(() => look(body()), PAUSE);
  };
}
