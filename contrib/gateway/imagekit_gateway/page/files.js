// Files on the disk of whoever looks at the page.

import { element } from "./element.js";

/** Milliseconds in which a browser has begun to save something. */
const SAVED = 60_000;

/** How pictures begin: PNG, JPEG, GIF, WebP, BMP, TIFF, and HEIC and AVIF with their size before it. */
const BEGINNINGS = /^(\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|BM|II\*\0|MM\0\*|....ftyp)/s;

/** Why a file is none that a picture can be made of; empty if it is. */
export async function whyNoPicture(file) {
  if (!file.size) return `${file.name} is empty: it has no bytes.`;
  const head = await file
    .slice(0, 12)
    .arrayBuffer()
    .catch((error) => error);
  if (head instanceof Error) return `${file.name} can't be read: ${head.message}`;
  const isPicture = BEGINNINGS.test(String.fromCharCode(...new Uint8Array(head)));
  return isPicture ? "" : `${file.name} is no picture, whatever it is called.`;
}

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
