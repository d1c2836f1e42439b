// OpenAI's own client for Node.

import { createReadStream } from "node:fs";
import OpenAI from "openai";
import { fails, lists, makes, tell } from "./asking.mjs";
import { AGAIN, HASTE, KEY, LOST, MASK, MASKED, NEAREST, ONE } from "./asking.mjs";
import { SLOW, TOO_SMALL, TWO, UNKNOWN, URL_ } from "./asking.mjs";

const client = new OpenAI({ baseURL: URL_, apiKey: KEY });
const picture = ({ data }) => data[0].b64_json ?? data[0].url;
const { images } = client;

await makes("generate", async (prompt) =>
  picture(await images.generate({ model: "gpt-image-1", prompt })),
);
await makes("link", async (prompt) =>
  picture(await images.generate({ model: "dall-e-3", prompt, quality: "hd" })),
);
await makes("edit", async (prompt) =>
  picture(await images.edit({ model: "gpt-image-1", prompt, image: createReadStream(ONE) })),
);
await makes("edit_two", async (prompt) => {
  const image = [createReadStream(ONE), createReadStream(TWO)];
  return picture(await images.edit({ model: "gpt-image-1", prompt, image }));
});
await makes("edit_mask", async (prompt) => {
  const [image, mask] = [createReadStream(ONE), createReadStream(MASK)];
  return picture(await images.edit({ model: MASKED, prompt, image, mask }));
});
await makes("stream", async (prompt) => {
  const [kinds, pictures] = [[], []];
  const asked = { model: MASKED, prompt, stream: true, partial_images: 2 };
  for await (const event of await images.generate(asked)) {
    kinds.push(event.type.split(".")[1]);
    pictures.push(event.b64_json);
  }
  if (`${kinds}` !== "partial_image,partial_image,completed") throw new Error(kinds);
  return pictures;
});
await lists("models", async () => (await client.models.list()).data.map(({ id }) => id));
await fails("error", NEAREST, (prompt) =>
  images.generate({ model: "gpt-image-1", prompt, size: TOO_SMALL }),
);
await fails("charged", UNKNOWN, (prompt) => images.generate({ model: LOST, prompt }));
await makes("hasty", async (prompt) => {
  const options = { timeout: HASTE, maxRetries: AGAIN };
  return picture(await images.generate({ model: SLOW, prompt }, options));
});

tell("openai");
