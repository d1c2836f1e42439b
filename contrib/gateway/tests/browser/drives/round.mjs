// A whole round by keyboard alone: make, look, find again, edit, delete.

import { focus, scenario, tell, until, walkTo } from "./browser.mjs";

await scenario(async (open) => {
  const page = await open();
  const { keyboard } = page;
  tell({ address: page.url() });

  await walkTo(page, "#skip", "Shift+Tab");
  await keyboard.press("Enter");
  tell({ skipped_to: await page.evaluate(() => document.activeElement.id) });

  await walkTo(page, "#prompt");
  await keyboard.type("a corgi on the beach");
  await walkTo(page, ".shapes input");
  await keyboard.press("ArrowRight");
  await until(page, () => document.querySelector(".code code").textContent.includes("ratio"));
  tell({ ratio: await page.evaluate(() => document.activeElement.value) });
  await walkTo(page, ".primary");
  await keyboard.press("Enter");
  await page.waitForSelector(".pictures img");
  await page.waitForSelector(".outcome");
  tell({ made: await page.textContent(".progress span"), said: await page.textContent("#said") });

  await walkTo(page, "[role=tab][aria-selected=true]");
  await keyboard.press("ArrowRight");
  tell({ code: await page.textContent(".code code") });

  await walkTo(page, "nav a[href='#gallery']", "Shift+Tab");
  await keyboard.press("Enter");
  await page.waitForSelector(".card");
  await walkTo(page, ".gallery input[type=search]");
  await keyboard.type("BEACH");
  await until(page, () => document.querySelectorAll(".card").length === 1);
  await walkTo(page, ".card");
  await keyboard.press("Enter");
  await page.waitForSelector("dialog .outcome");
  tell({
    shown: await page.textContent("dialog .prompt"),
    inside: await page.evaluate(() => document.activeElement.closest("dialog") !== null),
  });
  await keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  tell({ back_at: await page.evaluate(() => document.activeElement.className) });

  await keyboard.press("Enter");
  await page.waitForSelector("dialog .outcome");
  await walkTo(page, "dialog .actions button:nth-of-type(3)");
  tell({ edits: await focus(page) });
  await keyboard.press("Enter");
  await page.waitForSelector(".references li img");
  await page.evaluate(() => document.querySelector("#prompt").focus());
  await keyboard.type("with a hat");
  await keyboard.press("Control+Enter");
  await page.waitForSelector(".outcome >> text=image");
  tell({ became: await page.textContent(".outcome .lines") });

  await walkTo(page, "nav a[href='#gallery']", "Shift+Tab");
  await keyboard.press("Enter");
  await until(page, () => document.querySelectorAll(".card").length === 1);
  await walkTo(page, ".gallery input[type=search]");
  await keyboard.press("Control+A");
  await keyboard.press("Delete");
  await until(page, () => document.querySelectorAll(".card").length === 3);
  await walkTo(page, ".card");
  await keyboard.press("Enter");
  await page.waitForSelector("dialog .outcome");
  await walkTo(page, "dialog .asks button");
  await keyboard.press("Enter");
  tell({ asks: await focus(page) });
  await keyboard.press("Enter");
  await page.waitForSelector("dialog", { state: "detached" });
  await until(page, () => document.querySelectorAll(".card").length === 2);
  tell({
    left: await page.locator(".card").count(),
    then_at: await page.evaluate(() => document.activeElement.className),
  });
});
