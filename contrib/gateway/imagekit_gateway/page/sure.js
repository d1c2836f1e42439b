// What can't be undone is asked about, once.

import { button, element, fill } from "./element.js";
import { tell } from "./fields.js";

/**
 * A button that asks before it does its `work`; `about` are further attributes of it. `sureWord()` is
 * what the second button says, or throws why there is nothing to ask about yet.
 */
export function surely(word, sureWord, work, about = {}) {
  const place = element("span", { class: "asks" });
  const problem = element("span", { class: "problem", role: "alert" });
  const first = button(word, ask, about);
  fill(place, first);

  function ask() {
    try {
      const sure = button(sureWord(), attempt, { class: "danger" });
      tell(problem, null);
      fill(place, sure, button("Keep it", back), problem);
      sure.focus();
    } catch (error) {
      place.append(problem);
      tell(problem, { text: error.message });
    }
  }

  function back() {
    fill(place, first);
    first.focus();
  }

  async function attempt() {
    try {
      await work();
    } catch (error) {
      tell(problem, { text: error.message });
    }
  }

  return place;
}
