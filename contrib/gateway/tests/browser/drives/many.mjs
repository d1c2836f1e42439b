// A gallery of a thousand pictures, looked through to its end.

import { given, scenario, tell, until } from "./browser.mjs";

await scenario(async (open) => {
  const page = await open();
  const small = [];
  page.on("request", (request) => {
    if (request.url().includes("longest=256")) small.push(request.url());
  });
  await page.click("nav a[href='#gallery']");
  await page.waitForSelector(".card");
  tell({ at_first: await page.locator(".card").count(), asked_at_first: small.length });
  while ((await page.locator(".card").count()) < given.count) {
    const before = await page.locator(".card").count();
    await page.evaluate(() => scrollTo(0, document.body.scrollHeight));
    await until(page, (had) => document.querySelectorAll(".card").length > had, before);
  }
  await until(page, () => document.querySelector(".gallery > .more").hidden);
  const words = await page.evaluate(() => performance.memory.usedJSHeapSize);
  tell({
    cards: await page.locator(".card").count(),
    different: new Set(await page.locator(".caption").allTextContents()).size,
    heap: words,
    elements: await page.evaluate(() => document.querySelectorAll("*").length),
  });

  // Who comes back is where they were.
  const middle = await page.evaluate(() => {
    scrollTo(0, document.body.scrollHeight / 2);
    return scrollY;
  });
  await page.evaluate(() => location.assign("#make")); // a press of the link would scroll up to it
  await page.waitForSelector("#prompt");
  await page.goBack();
  await page.waitForSelector(".card");
  tell({
    moved: Math.abs((await page.evaluate(() => scrollY)) - middle),
    still: await page.locator(".card").count(),
  });

  await page.fill("input[type=search]", "number 0777");
  await until(page, () => document.querySelectorAll(".card").length === 1);
  tell({ found: await page.textContent(".caption") });
  await page.fill("input[type=search]", "nothing is like this");
  await page.waitForSelector(".gallery .empty:not([hidden])");
  tell({ none: await page.textContent(".gallery .empty") });

  // A window in which more than one page has room is filled without being scrolled.
  const tall = await open({ width: 1440, height: 4000 });
  await tall.click("nav a[href='#gallery']");
  await until(tall, () => document.body.scrollHeight > 4800);
  tell({ filled: await tall.locator(".card").count() });
});
