// Pictures that a picture is made of: dropped, pasted or picked. They stay here until they are
// needed; while somebody types, the gateway is only told of them.

import { button, element, fill, freshId, say, shortened } from "./element.js";
import { parameterOf } from "./fields.js";
import { whyNoPicture } from "./files.js";

/** What most people mean by a picture; a model says itself what it does not take. */
const KINDS = "image/*,.heic,.heif,.avif";
const BY_ENDING = { heic: "image/heic", heif: "image/heif", avif: "image/avif" };
/** Characters of a name that a plan is told. */
const SHORT = 80;

/** The list of references, and where more of them are put; `changed()` is called when it is another. */
export class References {
  constructor(changed) {
    this.changed = changed;
    this.every = [];
    this.picker = element("input", {
      type: "file",
      accept: KINDS,
      multiple: true,
      class: "unseen",
      id: freshId("files"),
      change: () => this.pick(),
    });
    this.list = element("ul", { class: "references", "aria-label": "Reference pictures" });
    this.problem = element("p", { class: "problem", "aria-live": "polite" });
    this.refused = element("p", { class: "problem", role: "alert" });
    this.hint = element("p", { class: "hint" });
    const way = element("label", { for: this.picker.id, class: "link" }, "Add pictures");
    const others = element("span", { class: "muted" }, " or drop or paste them here");
    this.zone = element(
      "div",
      { class: "zone", dragover: () => this.mark(true), dragleave: () => this.mark(false) },
      this.list,
      element("p", {}, way, this.picker, others),
    );
    const legend = element("legend", {}, "Reference pictures");
    const told = [this.refused, this.problem, this.hint];
    this.element = element("fieldset", { class: "field" }, legend, this.zone, told);
    document.addEventListener("paste", (event) => this.paste(event));
  }

  // --- how they come ------------------------------------------------------------------------------

  pick() {
    this.add(this.picker.files);
    this.picker.value = "";
  }

  paste(event) {
    if (!this.element.isConnected || !event.clipboardData.files.length) return;
    event.preventDefault();
    this.add(event.clipboardData.files);
  }

  mark(isOver) {
    this.zone.classList.toggle("over", isOver);
  }

  /** What was let go of here. Browsers give a picture of another page as its address, or as words. */
  drop(given) {
    if (given.files.length) return this.add(given.files);
    const [address] = given.getData("text/uri-list").split("\n");
    const what = address ? `${shortened(address.trim(), SHORT)} is a link` : "These are words";
    fill(this.refused, `${what}, and no file of a picture. Save the picture, and add its file.`);
  }

  /** Take these files, and say of each that is no picture that it is not taken. */
  async add(given) {
    const files = [...given]; // a picker that is emptied takes its own list along
    const reasons = await Promise.all(files.map(whyNoPicture));
    fill(
      this.refused,
      reasons.filter(Boolean).map((why) => element("span", {}, why, " ")),
    );
    for (const [at, file] of files.entries()) {
      if (!reasons[at])
        this.place({ file, name: file.name || "picture", kind: kindOf(file), bytes: file.size });
    }
    if (files.length)
      say(this.every.length === 1 ? "1 reference picture" : `${this.every.length} reference pictures`);
  }

  addLink(url) {
    this.place({ url, name: url });
  }

  place(one) {
    one.shown = one.file ? URL.createObjectURL(one.file) : null;
    one.element = this.shown(one);
    this.every.push(one);
    this.list.append(one.element);
    this.changed();
  }

  shown(one) {
    const measure = ({ target }) => {
      [one.width, one.height] = [target.naturalWidth, target.naturalHeight];
      this.changed();
    };
    const hide = ({ target }) => target.remove(); // of a kind that browsers don't show
    const picture =
      one.shown && element("img", { src: one.shown, alt: "", decoding: "async", load: measure, error: hide });
    const name = element("span", { class: "name", dir: "auto" }, one.name);
    const removing = { class: "quiet", "aria-label": `Remove ${one.name}` };
    return element(
      "li",
      {},
      picture,
      name,
      button("Remove", () => this.remove(one), removing),
    );
  }

  // --- how they go --------------------------------------------------------------------------------

  remove(one) {
    const at = this.every.indexOf(one);
    this.every.splice(at, 1);
    if (one.shown) URL.revokeObjectURL(one.shown);
    one.element.remove();
    const next = this.list.children[Math.min(at, this.every.length - 1)];
    (next?.querySelector("button") || this.picker).focus();
    this.changed();
  }

  clear() {
    for (const one of this.every) if (one.shown) URL.revokeObjectURL(one.shown);
    this.every = [];
    fill(this.list);
    fill(this.refused);
    this.changed();
  }

  // --- what is said of them -----------------------------------------------------------------------

  /** What a model takes, and how many of those that are meant are not here. */
  tell(record, missing = 0) {
    const { image } = record.hosts[0].schema.properties;
    const most = image?.maxItems ? `${record.title} takes up to ${image.maxItems}.` : "";
    const takes = image ? most : `${record.title} takes none.`;
    const gone = missing
      ? `It was made of ${missing === 1 ? "a picture" : `${missing} pictures`} of yours: add them again. `
      : "";
    this.hint.textContent = gone + takes;
  }

  /** Show what is wrong with them; gives back what is wrong with all else. */
  trouble(problems) {
    const mine = problems.filter((one) => parameterOf(one) === "image");
    fill(
      this.problem,
      mine.map((one) => element("span", {}, one.message)),
    );
    this.problem.classList.toggle("advice", mine.length > 0 && mine.every((one) => one.isAdvice));
    return problems.filter((one) => !mine.includes(one));
  }

  /** By their names, for code. */
  names() {
    return this.every.map(({ name, url }) => ({ name, url }));
  }

  /** As a plan is told of them. */
  told() {
    return this.every.map((one) => one.url || factsOf(one));
  }

  /** As a request has them: texts, which are long. */
  sent() {
    return Promise.all(this.every.map((one) => one.url || dataUrl(one.file, one.kind)));
  }
}

function factsOf({ kind, bytes, width, height, name }) {
  const facts = { media_type: kind, bytes, width, height, name: name.slice(0, SHORT) };
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value));
}

/** Some systems don't know the type of what cameras make. */
function kindOf(file) {
  const ending = file.name.split(".").at(-1).toLowerCase();
  return file.type || BY_ENDING[ending] || "application/octet-stream";
}

/** Read beside the page, which goes on meanwhile. */
function dataUrl(file, kind) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(new Error(`${file.name} can't be read: ${reader.error.message}`));
    reader.readAsDataURL(new Blob([file], { type: kind }));
  });
}
