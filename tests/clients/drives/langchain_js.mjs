// LangChain's tool for DALL-E in JavaScript, which asks for links.

import { DallEAPIWrapper } from "@langchain/openai";
import { fails, KEY, LOST, makes, NEAREST, tell, TOO_SMALL, UNKNOWN, URL_ } from "./asking.mjs";

const run = (prompt, given) =>
  new DallEAPIWrapper({ apiKey: KEY, baseUrl: URL_, ...given }).invoke(prompt);

await makes("link", (prompt) => run(prompt, {}));
await fails("error", NEAREST, (prompt) => run(prompt, { size: TOO_SMALL }));
await fails("charged", UNKNOWN, (prompt) => run(prompt, { model: LOST }));

tell("@langchain/openai");
