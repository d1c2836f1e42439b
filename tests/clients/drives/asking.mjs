// What every drive for Node does alike; asking.py is the same for Python, and says more.
// It is run beside the folder node_modules of its environment.

import { readFileSync, writeFileSync } from "node:fs";

const here = (name) => new URL(name, import.meta.url);

export const ONE = here("one.png");
export const TWO = here("two.png");
export const MASK = here("mask.png");
export const URL_ = process.env.GATEWAY_URL;
export const KEY = process.env.GATEWAY_KEY;
export const MASKED = "gpt-image-2";
export const SLOW = "gpt-image-slow";
export const LOST = "gpt-image-lost";
export const HASTE = 1000; // milliseconds
export const AGAIN = 10;
export const TOO_SMALL = "512x512";
export const NEAREST = "960x960";
export const UNKNOWN = "it may have been carried out";

const calls = {};

/** Runs a call that makes a picture, or several, the last being the one that was asked for. */
export async function makes(name, call) {
  await run(name, async (prompt) => {
    const made = await call(prompt);
    for (const [number, one] of (Array.isArray(made) ? made : [made]).entries()) {
      writeFileSync(`${process.env.PICTURES}/${name}-${number}`, await bytesOf(one));
    }
  });
}

/** Runs a call that lists the names of models. */
export async function lists(name, call) {
  await run(name, async () => {
    const names = await call();
    if (!names.includes("gpt-image-1")) throw new Error(`gpt-image-1 is not among ${names}`);
  });
}

/** Runs a call that has to fail, and to tell the caller this. */
export async function fails(name, saying, call) {
  await run(name, async (prompt) => {
    let made;
    try {
      made = await call(prompt);
    } catch (error) {
      if (!told(error).includes(saying)) throw error;
      return;
    }
    throw new Error(`no error was seen, but ${made}`);
  });
}

/** Prints what came of all: `folder` is that of the client in node_modules. */
export function tell(folder) {
  const { version } = JSON.parse(readFileSync(here(`../node_modules/${folder}/package.json`)));
  console.log(JSON.stringify({ version, calls }));
}

async function run(name, call) {
  try {
    await call(`${process.env.CLIENT} ${name}: a heron in the mist`);
    calls[name] = "ok";
  } catch (error) {
    calls[name] = String(error);
  }
}

async function bytesOf(picture) {
  if (typeof picture !== "string") return picture;
  if (!/^(https?|data):/.test(picture)) return Buffer.from(picture, "base64");
  const answer = await fetch(picture);
  if (!answer.ok) throw new Error(`${answer.status} for the link`);
  return Buffer.from(await answer.arrayBuffer());
}

/** All that an error says, with those that it was made of. */
function told(error) {
  return error ? `${error} ${told(error.cause)}` : "";
}
