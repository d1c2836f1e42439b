// What a browser is sent before somebody can type; and the ways to a key and away from it.

import { key, scenario, tell, url } from "./browser.mjs";

await scenario(async (open) => {
  const blank = await open({ signedIn: false, expected: ["/v1/models", "/v1/key"] });
  const sizes = new Map();
  blank.on("response", async (response) => {
    if (response.status() === 200)
      sizes.set(new URL(response.url()).pathname, (await response.body()).length);
  });
  await blank.route("**", (route) => route.continue()); // then nothing comes out of its cache
  await blank.reload();
  await blank.waitForSelector("#key");
  const [before, { hidden }] = [
    [...sizes.keys()],
    await blank.evaluate(() => ({ hidden: document.getElementById("views").hidden })),
  ];
  tell({ before_a_key: before, views_hidden: hidden });

  await blank.fill("#key", "ik-wrong");
  await blank.keyboard.press("Enter");
  await blank.waitForSelector(".problem:not(:empty)");
  tell({
    wrong: await blank.textContent("#key-about"),
    kept: await blank.evaluate(() => sessionStorage.length + localStorage.length),
  });

  await blank.fill("#key", key);
  await blank.check("input[type=checkbox]");
  await blank.keyboard.press("Enter");
  await blank.waitForSelector(".price:not(:empty)");
  const files = [...sizes].filter(([path]) => path === "/" || path.startsWith("/page/"));
  tell({ bytes: files.reduce((sum, [, size]) => sum + size, 0), files: Object.fromEntries(files) });
  tell({
    on_device: await blank.evaluate(() => [
      localStorage.getItem("imagekit-key") !== null,
      sessionStorage.length,
    ]),
  });

  await blank.click("#leave");
  await blank.waitForSelector("#key");
  tell({ left: await blank.evaluate(() => [...Object.keys(localStorage), ...Object.keys(sessionStorage)]) });

  await blank.goto(`${url}/#key=ik-of-somebody-else`);
  await blank.reload();
  await blank.waitForSelector("#key");
  tell({
    by_address: await blank.evaluate(() =>
      [sessionStorage, localStorage].some((one) => "imagekit-key" in one),
    ),
  });
});
