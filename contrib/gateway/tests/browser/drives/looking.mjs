// The gallery: what is being made appears in it, and Back and Escape close what is open, and no more.

import { choose, given, scenario, tell, until } from "./browser.mjs";

/** Where somebody is: the view, its cards, and what is open above it. */
const place = (page) =>
  page.evaluate(() => [
    location.hash,
    document.querySelectorAll(".card").length,
    document.querySelectorAll("dialog").length,
  ]);

await scenario(async (open) => {
  const page = await open();
  await choose(page, given.slow);
  await page.fill("#prompt", "one that takes its time");
  await Promise.all([page.waitForResponse("**/v1/images/generations"), page.click(".primary")]);
  await page.reload();
  await page.waitForSelector(".price:not(:empty)");
  tell({
    left_running: await page.textContent(".result .empty"),
    prompt: await page.inputValue("#prompt"),
  });

  await page.click("nav a[href='#gallery']");
  await until(page, () => document.querySelectorAll(".card").length === 2);
  tell({ at_first: await page.textContent(".face.none"), count: await page.textContent(".count") });
  await until(page, () => document.querySelectorAll(".card img").length === 2);

  const group = page.getByRole("button", { name: /two herons/ });
  await group.click();
  await page.waitForSelector("dialog .outcome");
  tell({ buttons: await page.locator("dialog .actions button").allTextContents() });
  await page.goBack();
  await page.waitForSelector("dialog", { state: "detached" });
  tell({ after_back: await place(page) });

  // From one to the next and away: there is no place left that shows nothing.
  await page.locator(".card").first().click();
  await page.waitForSelector("dialog .outcome");
  await page.getByRole("button", { name: "Older" }).click();
  await page.waitForSelector("dialog .prompt >> text=two herons");
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  tell({ after_escape: await place(page) });

  await group.click();
  await page.getByRole("button", { name: "Edit 2" }).click();
  await page.waitForSelector(".references li");
  tell({ references: await page.locator(".references li").count() });
  await page.goBack();
  await page.waitForSelector(".gallery .card");
  tell({ then_back: await page.evaluate(() => location.hash) });
});
