// What was made: newest first, without an end, to be looked through and found again.

import { asked, here } from "./api.js";
import { box, button, element, fill, moment, say, shortened } from "./element.js";
import { selected, written } from "./fields.js";
import { openRecord } from "./one.js";
import { Unfinished, isOver } from "./unfinished.js";

const AT_ONCE = 40;
const SHORT = 160;
/** Milliseconds for which nobody has typed. */
const PAUSE = 300;
/** How far below the window is looked ahead. */
const AHEAD = "800px";
/** The last moment of a day. */
const LAST = "T23:59:59.999999";
const STATES = [
  ["", "Any state"],
  ["done", "Done"],
  ["running", "Being made"],
  ["queued", "Waiting"],
  ["failed", "Failed"],
  ["unknown", "Unknown"],
];

/** The view; looked at again, it has what is new. */
export async function view() {
  const models = (await asked("/v1/models")).data;
  return new Gallery(models);
}

class Gallery {
  constructor(models) {
    this.turn = 0;
    this.filters = this.filtersFor(models);
    const { q, ...others } = this.filters;
    const isWide = matchMedia("(min-width: 60rem)").matches;
    const fields = Object.values(others).map((one) => one.element);
    const summary = element("summary", {}, "Filter");
    const narrower = element("details", { open: isWide }, summary, box("narrower", fields));
    const about = { class: "filters", role: "search", submit: (event) => event.preventDefault() };
    this.list = element("ul", { class: "grid" });
    this.more = button("More", () => this.next(), { class: "more" });
    this.note = element("p", { class: "empty", hidden: true });
    const title = element("h1", { class: "unseen" }, "Gallery");
    const form = element("form", about, q.element, narrower);
    this.element = box("gallery", title, form, this.list, this.note, this.more);
    const reached = ([seen]) => seen.isIntersecting && this.next();
    this.ahead = new IntersectionObserver(reached, { rootMargin: AHEAD });
    this.unfinished = new Unfinished((item, record) => fill(item.firstChild, partsOf(record)));
  }

  filtersFor(models) {
    const routes = models.map((one) => one.imagekit.route);
    const hosts = routes.map((route) => route.split(":")[0]);
    const names = routes.map((route) => route.slice(route.indexOf(":") + 1));
    const change = () => this.begin();
    const all = (word, each) => [["", word], ...[...new Set(each)].sort().map((one) => [one, one])];
    const search = { type: "search", placeholder: "Part of a prompt", input: () => this.soon() };
    return {
      q: written("Search", search),
      state: selected("State", STATES, { change }),
      model: selected("Model", all("Any model", names), { change }),
      host: selected("Host", all("Any host", hosts), { change }),
      since: written("From", { type: "date", change }),
      until: written("Until", { type: "date", change }),
    };
  }

  shown() {
    return this.records?.length ? this.goOn() : this.begin();
  }

  /** What is new comes above what is there, which stays where it is. */
  async goOn() {
    const mine = this.turn;
    const page = await asked(`/v1/images?${this.query(null)}`).catch(() => null); // it is as it was
    if (!page || mine !== this.turn) return;
    const isNew = ({ id }) => this.records.every((one) => one.id !== id);
    const fresh = page.data.filter(isNew);
    const all = [...fresh, ...this.records];
    if (page.data.some(({ id }, at) => id !== all[at]?.id)) return this.begin();
    this.list.prepend(...fresh.map((record) => this.card(record)));
    this.records = all;
  }

  soon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.begin(), PAUSE);
  }

  begin() {
    this.turn += 1;
    this.unfinished.forget();
    this.records = [];
    this.after = null;
    this.isOver = this.isAsking = false;
    return this.next();
  }

  async next() {
    if (this.isOver || this.isAsking) return;
    const mine = this.turn;
    const isFirst = this.after === null;
    this.isAsking = true;
    try {
      const page = await asked(`/v1/images?${this.query(this.after)}`);
      if (mine !== this.turn) return;
      if (isFirst) fill(this.list);
      this.list.append(...page.data.map((record) => this.card(record)));
      this.records.push(...page.data);
      [this.after, this.isOver] = [page.last_id, !page.has_more];
      this.tell(isFirst);
    } catch (error) {
      if (mine === this.turn) this.failed(error);
    } finally {
      if (mine === this.turn) this.isAsking = false;
    }
  }

  query(after) {
    const chosen = Object.entries(this.filters).map(([name, one]) => [name, one.input.value.trim()]);
    const given = chosen.filter(([, value]) => value);
    const ends = given.map(([name, value]) => [name, name === "until" ? value + LAST : value]);
    return new URLSearchParams([["limit", AT_ONCE], ...ends, ...(after ? [["after", after]] : [])]);
  }

  tell(isFirst) {
    const count = this.records.length;
    this.more.hidden = this.isOver;
    this.ahead.unobserve(this.more); // whoever has a large window may see it still
    this.ahead.observe(this.more);
    this.note.hidden = count > 0;
    if (!count) fill(this.note, this.isFiltered() ? "Nothing that was made is like this." : nothingYet());
    if (!isFirst) say(`${count} are shown.`);
    else say(count ? `${count}${this.isOver ? "" : " and more"} found.` : "Nothing was found.");
  }

  isFiltered() {
    return Object.values(this.filters).some((one) => one.input.value);
  }

  failed(error) {
    this.isOver = true;
    this.more.hidden = true;
    this.note.hidden = false;
    fill(this.note, error.message);
  }

  card(record) {
    const look = () => this.open(record, item);
    const card = element("button", { type: "button", class: "card", click: look }, partsOf(record));
    const item = element("li", {}, card);
    if (!isOver(record)) this.unfinished.watch(item, record.id);
    return item;
  }

  open(record, item) {
    openRecord(record.id, {
      opener: item.querySelector("button"),
      gone: () => this.drop(record, item),
      beside: (by) => this.beside(record, by),
    });
  }

  /** The record before or after one in this list. */
  beside(record, by) {
    const at = this.records.findIndex((one) => one.id === record.id);
    return this.records[at + by] ? this.list.children[at + by].querySelector("button") : null;
  }

  drop(record, item) {
    const next = item.nextElementSibling || item.previousElementSibling;
    this.records = this.records.filter((one) => one.id !== record.id);
    item.remove();
    (next?.querySelector("button") || this.filters.q.input).focus();
    if (!this.records.length) this.tell(true);
  }
}

/** What a card shows: a picture or why there is none, how many there are, and of what words. */
function partsOf(record) {
  const caption = element("span", { class: "caption", dir: "auto" }, shortened(record.prompt, SHORT));
  const many = record.pictures > 1 ? `, ${record.pictures} pictures` : "";
  const about = `. ${stateOf(record)}${many}, ${moment(record.created_at)}`;
  const count = element("span", { class: "count", "aria-hidden": "true" }, record.pictures);
  return [
    faceOf(record),
    many ? count : null,
    caption,
    element("span", { class: "unseen" }, about),
  ].filter(Boolean);
}

function nothingYet() {
  const link = element("a", { href: "#make" }, "Make the first one");
  return element("span", {}, "Nothing was made yet. ", link, ".");
}

/** A small picture, or why there is none. Links expire, so it is asked for once more. */
function faceOf(record) {
  const link = record.url && here(record.url);
  if (!link) return element("span", { class: "face none" }, why(record));
  const face = element("span", { class: "face" });
  let isNew = true;
  const renew = async () => {
    const fresh = isNew ? await asked(`/v1/images/${record.id}`).catch(() => null) : null;
    isNew = false;
    const other = fresh?.url && here(fresh.url);
    if (other) picture.src = small(other);
    else fill(face, "Not shown here");
  };
  const about = { alt: "", loading: "lazy", decoding: "async", error: renew };
  const picture = element("img", { src: small(link), ...about });
  face.append(picture);
  return face;
}

function small(link) {
  return `${link}&longest=256`;
}

function stateOf({ status, error }) {
  if (status === "failed") return error?.charged === "maybe" ? "unknown" : "failed";
  return { queued: "waiting", processing: "being made", completed: "done" }[status];
}

function why(record) {
  if (record.status === "completed") return "Not kept here";
  if (record.status !== "failed") return record.status === "queued" ? "Waiting" : "Being made…";
  return { no: "Failed, nothing charged", maybe: "Unknown, may be charged", yes: "Failed, charged" }[
    record.error.charged
  ];
}
