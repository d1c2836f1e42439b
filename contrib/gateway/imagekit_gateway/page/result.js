// One request while it is answered: pictures as they come, and what there is to say of them.

import { Refused, ask, events, here, onceOnly, pictureOf } from "./api.js";
import { box, button, element, fill, say, shortened } from "./element.js";
import { fileName, saveAs } from "./files.js";
import { outcome } from "./outcome.js";
import { remember, remembered } from "./session.js";
import { trouble, whatIsKnown } from "./trouble.js";

/** Partial pictures that are asked for, of hosts that draw in public. */
const PARTIAL = 2;
const HOW = { stream: true, partial_images: PARTIAL, response_format: "url" };

/** Where results are shown; `edit(file)` makes a reference of one. */
export class Results {
  constructor(edit) {
    this.edit = edit;
    this.place = element("div", {}, remembered("running") ? leftRunning() : nothingYet());
    const title = element("h2", { class: "unseen" }, "Result");
    this.element = element("section", { class: "result" }, title, this.place);
  }

  /** Make what the fields say; over when it is. */
  async make(fields, pictures) {
    const body = async () => bodyOf({ ...fields, ...HOW }, await pictures());
    await this.send(fields, body, onceOnly());
  }

  /**
   * Send it. A press of the button has a key of its own: whoever sends the same again after the
   * connection broke joins the first, and nothing is bought twice.
   */
  async send(fields, body, key) {
    const run = new Run(fields, this.edit);
    fill(this.place, run.element);
    remember("running", key);
    say("Your picture is being made.");
    try {
      const headers = { "Idempotency-Key": key };
      const { signal } = run.stop;
      const sent = { method: "POST", body: await body(), signal, headers };
      const answer = await ask("/v1/images/generations", sent);
      run.id = answer.headers.get("X-Request-Id");
      for await (const event of events(answer)) run.on(event);
      if (!run.isWhole) throw new TypeError("The answer broke off.");
      remember("running", "");
      run.over();
    } catch (error) {
      if (error instanceof Refused) remember("running", ""); // what only broke off may go on
      if (run.stop.signal.aborted) run.cancelled();
      else run.failed(error, () => this.send(fields, body, key));
    }
  }
}

function nothingYet() {
  const more =
    "Before you press the button you see what it costs; afterwards, what became of each of your choices.";
  return element(
    "div",
    { class: "empty" },
    element("p", {}, "What you make appears here."),
    element("p", { class: "muted" }, more),
  );
}

/** A page that is loaded anew has lost sight of what goes on. */
function leftRunning() {
  const gallery = element("a", { href: "#gallery" }, "The gallery");
  return box(
    "empty",
    element("p", {}, "Something was being made when this page was left."),
    element("p", { class: "muted" }, gallery, " has it, or will have it; don't make it again meanwhile."),
  );
}

/** A request as JSON. Pictures are long texts that need no quoting, so nothing reads through them. */
function bodyOf(fields, pictures) {
  const text = JSON.stringify(fields);
  if (!pictures.length) return new Blob([text]);
  const quoted = (one) => (one.startsWith("data:") ? `"${one}"` : JSON.stringify(one));
  const list = pictures.flatMap((one, at) => [at ? "," : "", quoted(one)]);
  return new Blob([text.slice(0, -1), ',"image":[', ...list, "]}"]);
}

/** What is shown of one request. */
class Run {
  constructor(fields, edit) {
    [this.fields, this.edit] = [fields, edit];
    this.stop = new AbortController();
    [this.id, this.came, this.isWhole] = [null, 0, false];
    this.state = element("span", {}, "Being made…");
    this.clock = element("span", { class: "clock" }, "0 s");
    const spinner = element("span", { class: "spinner", "aria-hidden": "true" });
    const cancel = button("Cancel", () => this.stop.abort(), { class: "quiet" });
    this.head = element("div", { class: "progress" }, spinner, this.state, this.clock, cancel);
    this.frame = element("div", { class: "frame" });
    this.pictures = element("ul", { class: "pictures" }, element("li", {}, this.frame));
    this.below = element("div", {});
    this.element = element("div", {}, this.head, this.pictures, this.below);
    this.began = performance.now();
    this.ticking = setInterval(() => this.tick(), 1000);
  }

  tick() {
    this.clock.textContent = `${Math.round((performance.now() - this.began) / 1000)} s`;
  }

  // --- while it goes on ---------------------------------------------------------------------------

  on(event) {
    if (event.type === "error") throw new Refused(424, event.error);
    if (event.type === "comment") this.goesOn(event.text);
    else if (event.type.endsWith(".partial_image")) this.partly(event);
    else this.whole(event);
  }

  /** The first comment is the id; those that follow only keep the connection. */
  goesOn(text) {
    if (text !== this.id) this.state.textContent = "Being made. It takes its time.";
  }

  partly(event) {
    this.state.textContent = "Taking shape…";
    const src = shownBytes(event);
    const load = () => URL.revokeObjectURL(src);
    fill(this.frame, element("img", { src, alt: "Not finished yet", class: "partial", load }));
  }

  whole(event) {
    this.came += 1;
    const source = event.url ? here(event.url) : shownBytes(event);
    const item = element("li", {}, source ? this.picture(source, event) : elsewhere(event.url));
    if (this.came === 1) fill(this.pictures, item);
    else this.pictures.append(item);
    say(this.came === 1 ? "A picture has come." : `${this.came} pictures have come.`);
    if (!event.metadata) return;
    this.isWhole = true; // it comes with the last one
    fill(this.below, outcome(event.metadata));
  }

  picture(source, event) {
    const alt = shortened(this.fields.prompt, 120);
    const [, width, height] = /^(\d+)x(\d+)$/.exec(event.size) || [];
    const name = fileName(this.fields.prompt, event.output_format, this.came);
    const file = async () =>
      new File([await (await fetch(source)).blob()], name, { type: `image/${event.output_format}` });
    const actions = element(
      "p",
      { class: "actions" },
      button("Download", async () => saveAs(await file())),
      button("Edit this", async () => this.edit(await file())),
      element("span", { class: "muted" }, event.size.replace("x", "×")),
    );
    return [element("img", { src: source, alt, decoding: "async", width, height }), actions];
  }

  // --- its end ------------------------------------------------------------------------------------

  end(text) {
    clearInterval(this.ticking);
    fill(this.head, element("span", {}, text), this.clock);
  }

  over() {
    this.end(this.came === 1 ? "Here it is." : `Here they are: ${this.came} pictures.`);
  }

  cancelled() {
    this.end("You stopped waiting.");
    const gallery = element("a", { href: "#gallery" }, "The gallery");
    const where = this.id ? `, as ${this.id}.` : ".";
    const told = "It may be made all the same, and paid for: nobody can call it back. ";
    this.tell(element("p", {}, told, gallery, " has it once it is there", where));
    say("You stopped waiting. The gallery has it once it is there.");
  }

  failed(error, again) {
    const known = whatIsKnown(error);
    this.end(known);
    this.tell(trouble(error, again));
    say(`${known} ${error.message}`);
  }

  tell(content) {
    this.frame.classList.add("told");
    fill(this.frame, content);
    if (this.came) this.below.prepend(this.frame);
  }
}

/** An address for bytes that have come; it goes with the page. */
function shownBytes(event) {
  return URL.createObjectURL(pictureOf(event.b64_json, event.output_format));
}

function elsewhere(url) {
  const link = element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, "It is at its host");
  return element("p", { class: "elsewhere" }, "This key keeps no pictures. ", link, ", for a while.");
}
