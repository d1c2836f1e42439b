// The same as code: what was chosen here, as a program would ask for it. Every text is quoted as the
// language has it, whatever stands in a prompt or in the name of a file.

import { HOME } from "./api.js";
import { box, button, element, fill, freshId, say } from "./element.js";

/** Milliseconds for which it is told that something is copied. */
const SEEN = 2000;

/** What `openai` knows by name; all else goes into `extra_body`. */
const OPENAI = [
  "model",
  "prompt",
  "n",
  "size",
  "quality",
  "style",
  "user",
  "background",
  "moderation",
  "output_format",
  "output_compression",
];
/** What imagekit knows by name; all else is an option of one family. */
const IMAGEKIT = [
  "n",
  "size",
  "ratio",
  "resolution",
  "quality",
  "output_format",
  "seed",
  "watermark",
  "negative_prompt",
  "sequential_image_generation",
  "sequential_image_generation_options",
  "user",
];

/** Tabs with the code of a request; `show(fields, pictures, route)` writes it anew. */
export class CodeTabs {
  constructor() {
    this.given = [{}, [], ""];
    const about = { role: "tabpanel", tabindex: 0, id: freshId("code") };
    this.panel = element("pre", about, element("code", {}));
    this.tabs = KINDS.map(([name], at) => this.tab(name, at));
    this.copied = button("Copy", () => this.copy(), { class: "quiet" });
    const list = element("div", { role: "tablist", "aria-label": "Language" }, this.tabs);
    const title = element("h2", {}, "The same as code");
    this.element = element("section", { class: "code" }, title, box("tabs", list, this.copied), this.panel);
    this.choose(0);
  }

  tab(name, at) {
    const keydown = (event) => this.step(event, at);
    const about = { role: "tab", id: freshId("tab"), "aria-controls": this.panel.id, keydown };
    return button(name, () => this.choose(at), about);
  }

  choose(at) {
    this.chosen = at;
    for (const [place, tab] of this.tabs.entries()) {
      tab.setAttribute("aria-selected", String(place === at));
      tab.tabIndex = place === at ? 0 : -1;
    }
    this.panel.setAttribute("aria-labelledby", this.tabs[at].id);
    this.refresh();
  }

  step(event, at) {
    const by = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (!by) return;
    this.choose((at + by + KINDS.length) % KINDS.length);
    this.tabs[this.chosen].focus();
  }

  show(...given) {
    this.given = given;
    this.refresh();
  }

  refresh() {
    const [, code] = KINDS[this.chosen];
    this.panel.firstChild.textContent = code(...this.given);
  }

  /** Where there is no TLS, browsers don't let pages copy: then it is chosen, and Ctrl-C does it. */
  async copy() {
    const isCopied = await navigator.clipboard?.writeText(this.panel.textContent).then(
      () => true,
      () => false,
    );
    if (!isCopied) {
      getSelection().selectAllChildren(this.panel);
      this.panel.focus();
    }
    say(isCopied ? "Copied." : "The code is selected: copy it with Ctrl-C.");
    this.copied.textContent = isCopied ? "Copied" : "Selected";
    setTimeout(() => fill(this.copied, "Copy"), SEEN);
  }
}

const KINDS = [
  ["curl", curl],
  ["openai-python", openai],
  ["imagekit", imagekit],
];

// --- curl ----------------------------------------------------------------------------------------

function curl(fields, pictures) {
  const head = (path) =>
    `curl ${shell(`${HOME.href}v1/images/${path}`)} \\\n    -H "Authorization: Bearer $IMAGEKIT_KEY"`;
  if (!pictures.some((one) => !one.url)) {
    const body = pictures.length ? { ...fields, image: pictures.map((one) => one.url) } : fields;
    return `${head("generations")} \\\n    -H 'Content-Type: application/json' \\\n    --data-raw ${shell(JSON.stringify(body))}`;
  }
  // A form takes files; what is no field of OpenAI's keeps its type in "options".
  const [texts, options] = parted(fields, (name) => ["model", "prompt", ...IMAGEKIT].includes(name));
  const told = Object.entries(Object.keys(options).length ? { ...texts, options } : texts);
  const parts = told.map(
    ([name, value]) =>
      `--form-string ${shell(`${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)}`,
  );
  const files = pictures.map((one) =>
    one.url
      ? `--form-string ${shell(`image=${one.url}`)}`
      : `-F ${shell(`image=@"${one.name.replace(/[\\"]/g, "\\$&")}"`)}`,
  );
  return [head("edits"), ...parts, ...files].join(" \\\n    ");
}

/** One word of a shell, which reads nothing in it. */
function shell(text) {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

// --- Python --------------------------------------------------------------------------------------

function openai(fields, pictures) {
  const [known, others] = parted(fields, (name) => OPENAI.includes(name));
  const lines = pictures.map((one) => (one.url ? python(one.url) : `data_url(${python(one.name)})`));
  const extra = Object.entries(others).map(([name, value]) => `${python(name)}: ${python(value)}`);
  if (lines.length) extra.push(`"image": [${lines.join(", ")}]`);
  const words = { ...known, response_format: "url" };
  const given = Object.entries(words)
    .map(([name, value]) => `    ${name}=${python(value)},\n`)
    .join("");
  const more = extra.length ? `    extra_body={${extra.join(", ")}},\n` : "";
  const reads = pictures.some((one) => !one.url);
  return `${reads ? DATA_URL_IMPORTS : "import os\n\n"}from openai import OpenAI

${reads ? DATA_URL : ""}client = OpenAI(base_url=${python(`${HOME.href}v1`)}, api_key=os.environ["IMAGEKIT_KEY"])
made = client.images.generate(
${given}${more})
for picture in made.data:
    print(picture.url)`;
}

const DATA_URL_IMPORTS = `import base64
import mimetypes
import os
from pathlib import Path

`;
const DATA_URL = `
def data_url(path):
    kind = mimetypes.guess_type(path)[0] or "image/png"
    return f"data:{kind};base64,{base64.b64encode(Path(path).read_bytes()).decode()}"


`;

function imagekit(fields, pictures, route) {
  const { model, prompt, ...rest } = fields;
  const [known, options] = parted(rest, (name) => IMAGEKIT.includes(name));
  const words = { model: route || model, ...known };
  const given = Object.entries(words)
    .map(([name, value]) => `        ${name}=${python(value)},\n`)
    .join("");
  const own = Object.keys(options).length ? `        options=${python(options)},\n` : "";
  const image = pictures.length
    ? `        image=${python(pictures.map((one) => one.url || one.name))},\n`
    : "";
  return `from imagekit import Client

with Client() as client:
    result = client.generate(
        ${python(prompt || "")},
${given}${own}${image}    )
    for place, image in enumerate(result.images):
        image.save(f"picture-{place}.png")`;
}

/** A value as Python writes it. A text of JSON is one of Python's, too. */
function python(value) {
  if (value === null || value === undefined) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (Array.isArray(value)) return `[${value.map(python).join(", ")}]`;
  if (typeof value === "object")
    return `{${Object.entries(value)
      .map(([name, one]) => `${JSON.stringify(name)}: ${python(one)}`)
      .join(", ")}}`;
  return JSON.stringify(value);
}

function parted(fields, isFirst) {
  const every = Object.entries(fields);
  return [
    Object.fromEntries(every.filter(([name]) => isFirst(name))),
    Object.fromEntries(every.filter(([name]) => !isFirst(name))),
  ];
}
