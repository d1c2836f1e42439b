// Pictures that a picture is made of: dropped, pasted or picked. They stay here until they are
// needed; while somebody types, the gateway is only told of them.

import { button, element, fill, freshId, say } from "./element.js";
import { parameterOf } from "./fields.js";

/** What most people mean by a picture; a model says itself what it does not take. */
const KINDS = "image/*,.heic,.heif,.avif";

/** The list of references, and where more of them are put. */
export function references(changed) {
  let every = [];
  const picker = element("input", { type: "file", accept: KINDS, multiple: true, class: "unseen", id: freshId("files"),
    change() { add(picker.files); picker.value = ""; } });
  const list = element("ul", { class: "references", "aria-label": "Reference pictures" });
  const problem = element("p", { class: "problem", "aria-live": "polite" });
  const hint = element("p", { class: "hint" });
  const zone = element("div", { class: "zone", dragover: drags, dragleave: leaves, drop },
    list, element("p", {}, element("label", { for: picker.id, class: "link" }, "Add pictures"), picker,
      element("span", { class: "muted" }, " or drop or paste them here")));
  const whole = element("fieldset", { class: "field" }, element("legend", {}, "Reference pictures"), zone, problem, hint);
  document.addEventListener("paste", (event) => {
    if (whole.isConnected && event.clipboardData.files.length) {
      event.preventDefault();
      add(event.clipboardData.files);
    }
  });

  function drags(event) {
    event.preventDefault();
    zone.classList.add("over");
  }
  function leaves() {
    zone.classList.remove("over");
  }
  function drop(event) {
    event.preventDefault();
    leaves();
    add(event.dataTransfer.files);
  }

  function add(files) {
    for (const file of files) place({ file, name: file.name || "picture", kind: kindOf(file), bytes: file.size });
    say(`${every.length} reference pictures`);
  }

  function addLink(url) {
    place({ url, name: url });
  }

  function place(one) {
    every.push(one);
    one.shown = one.file ? URL.createObjectURL(one.file) : null;
    one.element = shown(one);
    list.append(one.element);
    changed();
  }

  function shown(one) {
    const picture = one.shown && element("img", { src: one.shown, alt: "", decoding: "async",
      load(event) {
        [one.width, one.height] = [event.target.naturalWidth, event.target.naturalHeight];
        changed();
      },
      error: (event) => event.target.remove() });
    return element("li", {}, picture, element("span", { class: "name" }, one.name),
      button("Remove", () => remove(one), { class: "quiet", "aria-label": `Remove ${one.name}` }));
  }

  function remove(one) {
    const at = every.indexOf(one);
    every = every.filter((other) => other !== one);
    if (one.shown) URL.revokeObjectURL(one.shown);
    one.element.remove();
    (list.children[Math.min(at, every.length - 1)]?.querySelector("button") || picker).focus();
    changed();
  }

  function clear() {
    for (const one of every) if (one.shown) URL.revokeObjectURL(one.shown);
    every = [];
    fill(list);
    changed();
  }

  /** As a plan is told of them. */
  function told() {
    return every.map((one) => one.url || Object.fromEntries(Object.entries(
      { media_type: one.kind, bytes: one.bytes, width: one.width, height: one.height, name: one.name.slice(0, 80) },
    ).filter(([, value]) => value)));
  }

  /** As a request has them: texts, of which a large one is not looked into. */
  function sent() {
    return Promise.all(every.map((one) => one.url || dataUrl(one.file, one.kind)));
  }

  function trouble(problems) {
    const mine = problems.filter((one) => parameterOf(one) === "image");
    fill(problem, mine.map((one) => element("span", {}, one.message)));
    problem.classList.toggle("advice", mine.length > 0 && mine.every((one) => one.isAdvice));
    return problems.filter((one) => !mine.includes(one));
  }

  function tell(record) {
    const most = record.hosts[0].schema.properties.image?.maxItems;
    const takes = "image" in record.hosts[0].schema.properties;
    hint.textContent = takes ? (most ? `${record.title} takes up to ${most}.` : "") : `${record.title} takes none.`;
  }

  return { element: whole, add, addLink, clear, told, sent, trouble, tell, names: () => every.map((one) => ({ name: one.name, url: one.url })), count: () => every.length };
}

/** Some systems don't know the type of what cameras make. */
function kindOf(file) {
  const ending = file.name.split(".").at(-1).toLowerCase();
  return file.type || { heic: "image/heic", heif: "image/heif", avif: "image/avif" }[ending] || "application/octet-stream";
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
