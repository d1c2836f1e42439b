// One request while it is answered: pictures as they come, and what there is to say of them.

import { Refused, ask, events, here, onceOnly, pictureOf } from "./api.js";
import { button, element, facts, fill, say, shortened } from "./element.js";
import { fileName, saveAs } from "./files.js";
import { outcome } from "./outcome.js";

/** Partial pictures that are asked for, of hosts that draw in public. */
const PARTIAL = 2;

/** Where results are shown. `make(fields, pictures)` begins one, and is over when it is. */
export function results({ edit }) {
  const place = element("div", {}, nothingYet());
  const whole = element("section", { class: "result" }, element("h2", { class: "unseen" }, "Result"), place);
  let stop = null;

  async function make(fields, pictures) {
    const aborted = new AbortController();
    const run = running(fields, () => aborted.abort());
    stop = () => aborted.abort();
    fill(place, run.element);
    say("Your picture is being made.");
    try {
      // Read here and now, so that a second press is another request and a repeat of this one is none.
      const body = bodyOf({ ...fields, stream: true, partial_images: PARTIAL, response_format: "url" }, await pictures());
      const answer = await ask("/v1/images/generations", { method: "POST", body, signal: aborted.signal, headers: { "Idempotency-Key": onceOnly() } });
      run.record(answer.headers.get("X-Request-Id"));
      for await (const event of events(answer)) run.on(event, edit);
      run.over();
    } catch (error) {
      if (aborted.signal.aborted) run.cancelled();
      else run.failed(error);
    } finally {
      stop = null;
    }
  }

  return { element: whole, make, cancel: () => stop?.() };
}

function nothingYet() {
  return element("div", { class: "empty" }, element("p", {}, "What you make appears here."),
    element("p", { class: "muted" }, "Before you press the button you see what it costs; afterwards, what became of each of your choices."));
}

/** A request as JSON. Pictures are long texts that need no quoting, so nothing reads through them. */
function bodyOf(fields, pictures) {
  const text = JSON.stringify(fields);
  if (!pictures.length) return new Blob([text]);
  const list = pictures.flatMap((one, at) => [at ? "," : "", one.startsWith("data:") ? `"${one}"` : JSON.stringify(one)]);
  return new Blob([text.slice(0, -1), ',"image":[', ...list, "]}"]);
}

/** What is shown of one request. */
function running(fields, cancel) {
  const began = performance.now();
  const clock = element("span", { class: "clock" }, "0 s");
  const ticking = setInterval(() => { clock.textContent = `${Math.round((performance.now() - began) / 1000)} s`; }, 1000);
  const state = element("span", {}, "Being made…");
  const cancelling = button("Cancel", cancel, { class: "quiet" });
  const head = element("div", { class: "progress" }, element("span", { class: "spinner", "aria-hidden": "true" }), state, clock, cancelling);
  const frame = element("div", { class: "frame" });
  const pictures = element("ul", { class: "pictures" }, element("li", {}, frame));
  const below = element("div", {});
  const addresses = [];
  let id = null;
  let came = 0;

  function on(event, edit) {
    if (event.type === "error") throw new Refused(424, event.error);
    if (event.type === "comment") {
      state.textContent = "Being made. It takes its time.";
      return;
    }
    if (event.type.endsWith(".partial_image")) {
      state.textContent = "Taking shape…";
      fill(frame, element("img", { src: own(event), alt: "Not finished yet", class: "partial" }));
      return;
    }
    came += 1;
    const source = event.url ? here(event.url) : own(event);
    const item = element("li", {}, source ? shown(source, event) : elsewhere(event.url), source && actions(source, event, edit));
    if (came === 1) fill(pictures, item);
    else pictures.append(item);
    say(came === 1 ? "A picture has come." : `${came} pictures have come.`);
    if (event.metadata) fill(below, outcome(event.metadata));
  }

  /** An address for the bytes that have come; it goes with the page. */
  function own(event) {
    const address = URL.createObjectURL(pictureOf(event.b64_json, event.output_format));
    addresses.push(address);
    return address;
  }
  function shown(source, event) {
    return element("img", { src: source, alt: shortened(fields.prompt, 120), decoding: "async", ...measured(event.size) });
  }
  function actions(source, event, edit) {
    const name = fileName(fields.prompt, event.output_format, came);
    const file = async () => new File([await (await fetch(source)).blob()], name, { type: `image/${event.output_format}` });
    return element("p", { class: "actions" }, button("Download", async () => saveAs(await file())),
      button("Edit this", async () => edit(await file())),
      element("span", { class: "muted" }, event.size.replace("x", "×")));
  }

  function end(text) {
    clearInterval(ticking);
    head.replaceChildren(element("span", {}, text), clock);
    head.classList.add("over");
  }

  return {
    element: element("div", {}, head, pictures, below),
    on,
    record: (given) => { id = given; },
    over() {
      end(came === 1 ? "Here it is." : `Here they are: ${came} pictures.`);
    },
    cancelled() {
      end("You stopped waiting.");
      fill(frame, element("p", {}, "It may be made all the same, and paid for: nobody can call it back. ",
        element("a", { href: "#gallery" }, "The gallery"), " has it once it is there", id ? `, as ${id}.` : "."));
      frame.classList.add("told");
      say("You stopped waiting. The gallery has it once it is there.");
    },
    failed(error) {
      end("There is no picture.");
      fill(frame, trouble(error));
      frame.classList.add("told");
      say(`There is no picture: ${error.message}`);
    },
  };
}

function measured(size) {
  const [, width, height] = /^(\d+)x(\d+)$/.exec(size) || [];
  return { width, height };
}

function elsewhere(url) {
  return element("p", { class: "elsewhere" }, "This key keeps no pictures. ", element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, "It is at its host"), ", for a while.");
}

/** What went wrong, whether it was paid for, and what may be done. */
export function trouble(error) {
  if (!(error instanceof Refused)) {
    return element("div", { class: "trouble" }, element("p", {}, "The gateway was not reached, or the connection broke. If the request had arrived, the gallery has it."),
      element("p", { class: "muted" }, error.message));
  }
  return element("div", { class: "trouble" }, element("p", { class: "what" }, error.message), element("p", {}, advice(error.code, error.charged)),
    facts([["Charged", error.charged], ["Record", error.record]]));
}

/** What may be done about a request that brought no picture. */
export function advice(code, charged) {
  if (code === "still_running") return "It goes on. The gallery has it once it is there; don't make it again meanwhile.";
  if (charged === "maybe") return "Nobody saw its end, so it may have been paid for. The gateway looks for it; before you make it again, look whether it has turned up, or ask whoever runs this gateway to look at the host's bill.";
  if (charged === "yes") return "It was paid for. To make it again costs once more.";
  if (code === "content_policy_violation") return "Nothing was charged. The host does not draw this; say it otherwise.";
  return "Nothing was charged, so you may try again.";
}
