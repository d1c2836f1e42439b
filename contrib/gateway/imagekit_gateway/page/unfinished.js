// What is still being made, looked at again as long as somebody sees it.

import { asked } from "./api.js";

/** Seconds that one question waits for the end of one, before the next is looked at. */
const WAIT = 10;

/** Whether nothing more will come of a record. */
export function isOver({ status }) {
  return !["queued", "processing"].includes(status);
}

/** Items that are asked about while they are in sight; `found(item, record)` is told what there is. */
export class Unfinished {
  constructor(found) {
    this.found = found;
    this.ids = new WeakMap();
    this.seen = new Set();
    this.observer = new IntersectionObserver((entries) => this.inSight(entries));
  }

  watch(item, id) {
    this.ids.set(item, id);
    this.observer.observe(item);
  }

  /** Watch none of them any more. */
  forget() {
    this.observer.disconnect();
    this.seen.clear();
  }

  inSight(entries) {
    for (const { target, isIntersecting } of entries) {
      if (isIntersecting) this.seen.add(target);
      else this.seen.delete(target);
    }
    if (!this.isAsking) this.ask();
  }

  /** One after another: browsers ask a gateway only a few things at once. */
  async ask() {
    this.isAsking = true;
    while (this.seen.size) {
      const [item] = this.seen;
      this.seen.delete(item);
      const path = `/v1/images/${this.ids.get(item)}?wait=${WAIT}`;
      const record = await asked(path).catch(() => null); // it stays as it is until it is seen again
      if (!record || !item.isConnected) continue;
      this.found(item, record);
      if (isOver(record)) this.observer.unobserve(item);
      else this.seen.add(item);
    }
    this.isAsking = false;
  }
}
