// The playground: say what to draw, see what it would cost, make it.

import { asked } from "./api.js";
import { CodeTabs } from "./code.js";
import { Controls } from "./controls.js";
import { box, element, fill, leftOf, money, say } from "./element.js";
import { parameterOf, tell } from "./fields.js";
import { planner } from "./planning.js";
import { References } from "./references.js";
import { Results } from "./result.js";
import { key, remember, remembered } from "./session.js";

const REMEMBERED = "imagekit-model";
/** What stands for a prompt while there is none, so that a price can be told. */
const ANY = "-";
const SIZES = ["size", "ratio", "resolution"];

let playground = null;

/** The view; the same whenever it is looked at with one key, with all that was typed. */
export async function view() {
  if (playground?.key !== key()) {
    const models = (await asked("/v1/models")).data;
    if (!models.length) throw new Error(whyNone(await asked("/v1/key")));
    playground = new Playground(models, key());
    await Promise.all([playground.choose(firstChoice(models)), playground.count()]);
  }
  return playground;
}

/**
 * Fill it with what was asked for before: `{model, prompt, parameters, links, files}`; `missing`
 * pictures of then are not here.
 */
export async function again(given) {
  await (await view()).take(given);
}

/** Why a key is shown no model at all. */
function whyNone({ models }) {
  if (models.length) return `This key may ask for no model here: ${models.join(", ")}`;
  return "No model can be asked for here: the gateway has no key of any host.";
}

/** What was chosen last; else the model that the gateway gives to programs that let nobody choose. */
function firstChoice(models) {
  const names = models.map((one) => one.id);
  const usual = models.find((one) => one.id === "gpt-image-1")?.imagekit.route.split(":")[1];
  return [localStorage.getItem(REMEMBERED), usual].find((name) => names.includes(name)) || names[0];
}

class Playground {
  constructor(models, owner) {
    [this.models, this.key] = [models, owner];
    this.plan = planner((found) => this.found(found));
    this.prompt = element("textarea", {
      id: "prompt",
      rows: 3,
      dir: "auto",
      "aria-describedby": "prompt-problem",
      placeholder: "A corgi on the beach, at dusk",
      input: () => this.changed(),
      keydown: (event) => this.typed(event),
    });
    this.prompt.value = remembered("prompt");
    this.promptProblem = element("p", { id: "prompt-problem", class: "problem", "aria-live": "polite" });
    this.about = element("p", { class: "hint" });
    this.lost = element("p", { class: "problem advice", role: "status" });
    const notChosen = (error) => fill(this.about, error.message);
    const choose = () => this.choose(this.picker.value).catch(notChosen);
    this.picker = element("select", { id: "model", change: choose }, grouped(models));
    this.place = element("div", {});
    this.references = new References(() => this.changed());
    this.problems = element("div", { class: "problems", "aria-live": "polite" });
    this.price = element("p", { class: "price", "aria-live": "polite" });
    this.purse = element("p", { class: "purse" });
    this.press = element("button", { class: "primary" }, "Make it");
    this.results = new Results((file) => this.edit(file));
    this.code = new CodeTabs();
    this.element = this.layout();
  }

  layout() {
    const drawing = element("label", { for: "prompt" }, "What to draw");
    const choosing = element("label", { for: "model" }, "Model");
    this.form = element(
      "form",
      { class: "making", novalidate: true, submit: (event) => this.submit(event) },
      element("h1", { class: "unseen" }, "Make pictures"),
      box("field", drawing, this.prompt, this.promptProblem),
      this.references.element,
      box("field", choosing, this.picker, this.about, this.lost),
      this.place,
      this.problems,
      box("bar", box("before", this.price, this.purse), this.press),
    );
    const over = (event) => areWords(event) || event.preventDefault();
    const drop = (event) => this.drop(event);
    const side = box("side", this.results.element, this.code.element);
    return element("div", { class: "playground", dragover: over, drop }, this.form, side);
  }

  typed(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) this.form.requestSubmit();
  }

  shown() {
    if (matchMedia("(min-width: 60rem)").matches && document.activeElement === document.body)
      this.prompt.focus();
  }

  /** Pictures that miss their place are meant all the same, and no browser is to open them. */
  drop(event) {
    this.references.mark(false);
    if (areWords(event)) return;
    event.preventDefault();
    this.references.drop(event.dataTransfer);
  }

  async choose(name) {
    this.picker.value = name;
    localStorage.setItem(REMEMBERED, name);
    this.about.textContent = "…";
    const model = await asked(`/v1/models/${encodeURIComponent(name)}`);
    if (this.picker.value !== name) return;
    const chosen = this.controls ? this.controls.values() : {};
    this.model = model;
    this.route = model.imagekit.route;
    this.controls = new Controls(model.imagekit, () => this.changed());
    this.adopt(chosen);
    fill(this.place, this.controls.element);
    this.references.tell(model.imagekit);
    this.about.textContent = `${model.imagekit.title}, drawn by ${model.owned_by}`;
    this.changed();
  }

  /** Choose these as far as this model has them, and say what it has not. */
  adopt(values) {
    const record = this.model.imagekit;
    this.controls.set(fitting(values, record));
    const taken = this.controls.values();
    const lost = Object.entries(values).filter((one) => !isTaken(taken, one));
    const lacks = lost.map(lack(record)).join(", no ");
    fill(this.lost, lacks && `Taken off: ${record.title} here has no ${lacks}.`);
  }

  /** What is asked for, without pictures. */
  fields() {
    return { model: this.model.id, prompt: this.prompt.value, ...this.controls.values() };
  }

  changed() {
    if (!this.controls) return;
    remember("prompt", this.prompt.value);
    this.code.show(this.fields(), this.references.names(), this.route);
    this.price.setAttribute("aria-busy", "true"); // what stands there is of what was chosen before
    this.plan(() => {
      const told = this.references.told();
      const fields = { ...this.fields(), prompt: this.prompt.value.trim() || ANY };
      return told.length ? { ...fields, image: told } : fields;
    });
  }

  found({ plan, problems = [], message, away }) {
    this.price.removeAttribute("aria-busy");
    if (away) {
      this.price.textContent = "The gateway is not reached.";
      return;
    }
    const advice = (plan?.advice || []).map((one) => ({ ...one, isAdvice: true }));
    this.tell([...problems, ...advice], plan?.notes || []);
    this.price.textContent = plan ? priceOf(plan) : problems.length ? unsent(problems) : message;
    if (plan) this.route = plan.route;
    this.code.show(this.fields(), this.references.names(), this.route);
  }

  /** Each problem beside what it is of; what is of nothing here, and what there is to know, below. */
  tell(problems, notes) {
    const ofPrompt = problems.find((one) => parameterOf(one) === "prompt");
    const told = ofPrompt && { text: ofPrompt.message, isAdvice: ofPrompt.isAdvice };
    tell(this.promptProblem, told, this.prompt);
    const others = this.references.trouble(problems.filter((one) => one !== ofPrompt));
    const left = this.controls.trouble(others).map(({ isAdvice, param, message }) => {
      const kind = isAdvice ? "problem advice" : "problem";
      return element("p", { class: kind }, `${param}: ${message}`);
    });
    const known = notes.map((note) => element("p", { class: "hint" }, note));
    fill(this.problems, left, known);
  }

  async submit(event) {
    event.preventDefault();
    if (!this.prompt.value.trim()) {
      tell(this.promptProblem, { text: "Say what to draw." }, this.prompt);
      this.prompt.focus();
      return;
    }
    this.press.disabled = true;
    this.results.element.scrollIntoView({ block: "nearest" });
    await this.results.make(this.fields(), () => this.references.sent());
    this.press.disabled = false;
    await this.count();
  }

  /** What the key has left, where it has a budget. */
  async count() {
    const me = await asked("/v1/key").catch(() => null); // it is only a number, and stays as it was
    if (me?.budget) this.purse.textContent = `Left: ${leftOf(me)}`;
  }

  edit(file) {
    this.references.clear();
    this.references.add([file]);
    this.prompt.value = "";
    this.prompt.focus();
    say("It is a reference now: say what to change.");
  }

  async take({ model, prompt, parameters = {}, links = [], files = [], missing = 0 }) {
    if (this.models.some((one) => one.id === model)) await this.choose(model);
    this.prompt.value = prompt;
    this.adopt(parameters);
    this.references.clear();
    links.forEach((link) => this.references.addLink(link));
    this.references.add(files);
    this.references.tell(this.model.imagekit, missing);
    this.changed();
  }
}

/** Whether what is dragged are words, which a field takes by itself. */
function areWords({ target, dataTransfer }) {
  const isField = target instanceof Element && target.matches("textarea, input");
  return isField && !dataTransfer.types.includes("Files");
}

/** Whether a choice is still one; one of a size may be so by another of these names. */
function isTaken(taken, [name, value]) {
  const names = SIZES.includes(name) ? SIZES : [name];
  const isSame = (other) => JSON.stringify(taken[other]) === JSON.stringify(value);
  return value === "auto" || names.some(isSame);
}

/** What a model can be asked for as well. Of every model there may be several pictures. */
function fitting(values, record) {
  const known = record.hosts[0].schema.properties;
  const fits = ([name, value]) =>
    name === "n" || (name in known && (!known[name].enum || known[name].enum.includes(value)));
  return Object.fromEntries(Object.entries(values).filter(fits));
}

/** What a model lacks of a choice: all of it, or only this value. */
function lack(record) {
  const known = record.hosts[0].schema.properties;
  return ([name, value]) =>
    name in known ? `${name} ${typeof value === "object" ? JSON.stringify(value) : value}` : name;
}

/** Names that stand for a model wherever it is, and those at one host each. */
function grouped(models) {
  const hosts = new Map([["Models", []]]);
  for (const one of models) {
    const host = one.id.includes(":") ? `At ${one.owned_by}` : "Models";
    if (!hosts.has(host)) hosts.set(host, []);
    hosts.get(host).push(element("option", { value: one.id }, one.id.slice(one.id.indexOf(":") + 1)));
  }
  return [...hosts].map(([label, options]) => element("optgroup", { label }, options));
}

/** Messages stand beside what they are of, and some begin without it. */
function unsent([first, ...others]) {
  const { param, message } = first;
  const subject = { image: "the list of reference pictures", prompt: "the prompt" }[param] || param;
  const why = /^(has|is|are|takes|needs) /.test(message) ? `${subject} ${message}` : message;
  return `Nothing is sent as it is: ${why}${others.length ? `, and ${others.length} more` : ""}.`;
}

function priceOf({ calls: paid, images, cost, host }) {
  const pictures = images === 1 ? "1 picture" : `up to ${images} pictures`;
  const inCalls = `${paid} paid ${paid === 1 ? "call" : "calls"}`;
  if (paid === 0 || (cost && Number(cost.amount) === 0)) return `Free: ${pictures}, drawn by ${host}`;
  return `${cost ? `About ${money(cost)}` : "Price unknown"}: ${pictures}, ${inCalls} to ${host}`;
}
