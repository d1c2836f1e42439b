// One record: its pictures, everything that is known of it, and what may be done with it.

import { ask, asked, content, here } from "./api.js";
import { button, element, facts, fill, moment, say, shortened } from "./element.js";
import { again } from "./make.js";
import { fileName, saveAs } from "./files.js";
import { outcome } from "./outcome.js";
import { surely } from "./sure.js";
import { advice } from "./trouble.js";
import { isOver } from "./unfinished.js";

/** Seconds that one question waits for the end of what is still being made. */
const WAIT = 30;
/** What stands elsewhere, or is about the answer. */
const NO_CHOICE = ["model", "prompt", "image", "mask", "response_format", "stream", "partial_images"];

/**
 * Show a record. `gone()` is called once it is deleted; `beside(by)` gives the button of the one
 * before (-1) or after (1); the focus goes back to `opener`.
 */
export async function openRecord(id, { gone, beside, opener }) {
  const dialog = element("dialog", { class: "one", "aria-label": "One picture" }, element("p", {}, "…"));
  document.body.append(dialog);
  closedByBack(dialog, () => {
    dialog.remove();
    if (opener.isConnected) opener.focus();
  });
  dialog.addEventListener("click", (event) => {
    if (event.target === dialog) dialog.close();
  });
  dialog.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    if (by && beside(by)) {
      dialog.close();
      beside(by).click();
    }
  });
  dialog.showModal();
  await show(dialog, id, gone, beside);
}

/**
 * Back closes a dialog, and leaves what is below it as it is. Whatever else closes it goes back, so
 * that there is no place left that shows nothing; `left()` is called once that is done.
 */
function closedByBack(dialog, left) {
  if (!history.state?.isOpen) history.pushState({ isOpen: true }, "");
  const leave = () => {
    removeEventListener("popstate", back);
    left();
  };
  const back = () => (dialog.open ? dialog.close() : leave());
  addEventListener("popstate", back);
  dialog.addEventListener("close", () => {
    const isFollowed = document.querySelector("dialog[open]") !== null;
    if (history.state?.isOpen && !isFollowed) history.back();
    else leave();
  });
}

async function show(dialog, id, gone, beside) {
  try {
    let record = await asked(`/v1/images/${id}`);
    fill(dialog, whole(record, dialog, gone, beside));
    dialog.querySelector("button").focus();
    while (dialog.open && !isOver(record)) {
      record = await asked(`/v1/images/${id}?wait=${WAIT}`);
      if (dialog.open) fill(dialog, whole(record, dialog, gone, beside));
    }
  } catch (error) {
    fill(dialog, closing(dialog, beside), element("p", { class: "problem" }, error.message));
  }
}

function whole(record, dialog, gone, beside) {
  const { metadata } = record;
  return [
    closing(dialog, beside),
    element(
      "div",
      { class: "both" },
      element("div", { class: "seen" }, pictures(record), state(record)),
      element(
        "div",
        { class: "known" },
        element("h2", { class: "prompt", tabindex: 0, dir: "auto" }, record.prompt),
        doing(record, dialog, gone),
        facts([
          ["Asked", moment(record.created_at)],
          ["Took", record.finished_at ? `${Math.max(1, record.finished_at - record.created_at)} s` : null],
          ["Asked for", metadata.asked_model],
          [
            "Pictures",
            record.data
              .map((one) => one.size?.replace("x", "×"))
              .filter(Boolean)
              .join(", "),
          ],
        ]),
        outcome(metadata),
      ),
    ),
  ];
}

function closing(dialog, beside) {
  const step = (by, text) =>
    button(
      text,
      () => {
        const next = beside(by);
        dialog.close();
        next.click();
      },
      { class: "quiet", disabled: !beside(by) },
    );
  return element(
    "div",
    { class: "head" },
    button("Close", () => dialog.close(), { class: "quiet" }),
    element("span", {}, step(-1, "Newer"), step(1, "Older")),
  );
}

function pictures(record) {
  const seen = record.data.map((one) => {
    const link = one.url && here(one.url);
    if (!link)
      return element(
        "p",
        { class: "elsewhere" },
        "It was not kept here. ",
        one.url &&
          element(
            "a",
            { href: one.url, target: "_blank", rel: "noopener noreferrer" },
            "Its host may still have it",
          ),
      );
    return element("img", { src: `${link}&longest=1024`, alt: shortened(record.prompt, 120) });
  });
  return element("div", { class: "shown" }, seen);
}

/** Of what is not done: why, and what may be done about it. */
function state(record) {
  if (record.status === "completed") return null;
  if (record.status !== "failed")
    return element(
      "p",
      { class: "state", role: "status" },
      record.status === "queued" ? "It waits for its turn." : "It is being made.",
    );
  return element(
    "div",
    { class: "state" },
    element("p", { class: "what" }, record.error.message),
    element("p", {}, advice(record.error.code, record.error.charged)),
  );
}

/** What may be done with it. */
function doing(record, dialog, gone) {
  const problem = element("p", { class: "problem", role: "alert" });
  const attempt = (work) => async () => {
    try {
      await work();
    } catch (error) {
      fill(problem, element("span", {}, error.message));
    }
  };
  const toMake = async (given, told) => {
    await again(given);
    location.replace("#make"); // in place of the dialog, so that Back leads to the gallery
    dialog.close();
    say(told);
  };
  const edit = async (place) => {
    const files = [await fileOf(record, place)];
    const told = "It is a reference now: say what to change.";
    await toMake({ model: record.metadata.asked_model, prompt: "", files }, told);
  };
  const repeat = () => toMake(askedFor(record), "It is as it was: make it again, or change it.");
  const forget = async () => {
    await ask(`/v1/images/${record.id}`, { method: "DELETE" });
    dialog.close();
    gone();
    say("Deleted.");
  };
  const isKept = record.data.some((one) => one.url && here(one.url));
  const save = async (place) => saveAs(await fileOf(record, place));
  const ofEach = (one, several, work) =>
    record.data.map((_, place) =>
      button(record.data.length > 1 ? `${several} ${place + 1}` : one, attempt(() => work(place))),
    );
  const buttons = [
    ...(isKept ? ofEach("Download", "Download", save) : []),
    button("Again", attempt(repeat)),
    ...(isKept ? ofEach("Edit this", "Edit", edit) : []),
    surely("Delete", () => "Delete it for good", forget),
  ];
  return element("div", {}, element("p", { class: "actions" }, buttons), problem);
}

/** The request of a record, as far as it can be asked again: files of back then are not here. */
function askedFor(record) {
  const given = record.metadata.receipt.filter((line) => ["caller", "gateway"].includes(line.by));
  const parameters = Object.fromEntries(
    given
      .filter((line) => !NO_CHOICE.includes(line.parameter))
      .map((line) => [line.parameter, line.value]),
  );
  const references = [given.find((line) => line.parameter === "image")?.value ?? []].flat();
  const links = references.filter((one) => typeof one === "string");
  const missing = references.length - links.length;
  return { model: record.metadata.asked_model, prompt: record.prompt, parameters, links, missing };
}

async function fileOf(record, place) {
  const blob = await content(record.id, place);
  return new File([blob], fileName(record.prompt, blob.type.replace("image/", ""), place + 1), {
    type: blob.type,
  });
}
