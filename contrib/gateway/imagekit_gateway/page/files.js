// Files on the disk of whoever looks at the page.

import { element } from "./element.js";

/** Milliseconds in which a browser has begun to save something. */
const SAVED = 60_000;

/** A sane name for a file: the first words of the prompt, in letters that every system takes. */
export function fileName(prompt, kind, number = 1) {
  const words = prompt
    .normalize("NFKD")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .slice(0, 60)
    .trim()
    .toLowerCase()
    .replaceAll(" ", "-");
  const ending = { jpeg: "jpg" }[kind] || kind;
  return `${words || "picture"}${number > 1 ? `-${number}` : ""}.${/^\w{2,5}$/.test(ending) ? ending : "bin"}`;
}

/** Let the browser save it, where it saves what is downloaded. */
export function saveAs(file) {
  const address = URL.createObjectURL(file);
  element("a", { href: address, download: file.name }).click();
  setTimeout(() => URL.revokeObjectURL(address), SAVED);
}
