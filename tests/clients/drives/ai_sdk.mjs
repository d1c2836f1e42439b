// The AI SDK, of the major and with the provider that are given: `ai_sdk.mjs 7 openai-compatible`.
// It repeats every 408, 409, 429 and 5xx, whatever else the answer says.

import { readFileSync } from "node:fs";
import { fails, makes, tell } from "./asking.mjs";
import { KEY, LOST, MASK, MASKED, NEAREST, ONE, TOO_SMALL, TWO, UNKNOWN, URL_ } from "./asking.mjs";

const [major, provider] = process.argv.slice(2);
const { generateImage } = await import(`ai-${major}`);
const providers = await import(`ai-${major}-${provider}`);
const make = provider === "openai" ? providers.createOpenAI : providers.createOpenAICompatible;
const gateway = make({ name: "gateway", baseURL: URL_, apiKey: KEY });

async function picture(model, prompt, given = {}) {
  const made = await generateImage({ model: gateway.imageModel(model), prompt, ...given });
  return made.image.uint8Array;
}
const [one, two, mask] = [ONE, TWO, MASK].map((path) => readFileSync(path));

await makes("generate", (prompt) => picture("gpt-image-1", prompt));
await makes("link", (prompt) => picture("dall-e-3", prompt));
await makes("edit", (text) => picture("seedream-4.0", { text, images: [one] }));
await makes("edit_two", (text) => picture("gpt-image-1", { text, images: [one, two] }));
await makes("edit_mask", (text) => picture(MASKED, { text, images: [one], mask }));
await fails("error", NEAREST, (prompt) => picture("gpt-image-1", prompt, { size: TOO_SMALL }));
await fails("charged", UNKNOWN, (prompt) => picture(LOST, prompt));

tell(`ai-${major}`);
