// A gateway that is away for a while is found again, and a key that may ask for nothing is told so.

import { given, planned, scenario, tell, until } from "./browser.mjs";

const AWAY = ["**/v1/**", "**/page/gallery.js"];

/** Until this stands in what is shown. */
const shows = (page, selector, text) =>
  until(page, ([where, words]) => document.querySelector(where)?.textContent.includes(words), [
    selector,
    text,
  ]);

await scenario(async (open) => {
  const page = await open({ expected: ["/page/gallery.js", "/v1/"] });
  const leaves = () => Promise.all(AWAY.map((path) => page.route(path, (route) => route.abort())));
  const comesBack = () => Promise.all(AWAY.map((path) => page.unroute(path)));

  await leaves();
  await page.fill("#prompt", "a corgi that waits");
  await shows(page, ".price", "The gateway is not reached.");
  await comesBack();
  await shows(page, ".price", "1 picture");
  tell({ price: await planned(page) });

  await leaves();
  await page.click("nav a[href='#gallery']");
  await page.getByRole("button", { name: "Try again" }).click();
  await shows(page, ".empty", "nothing answers yet");
  tell({ away: await page.textContent(".empty p") });
  await comesBack();
  await page.getByRole("button", { name: "Try again" }).click();
  await page.waitForSelector(".gallery .card");
  tell({ found: await page.locator(".card").count() });

  const other = await open({ signedIn: false });
  await other.fill("#key", given.nothing);
  await other.keyboard.press("Enter");
  await other.waitForSelector(".empty");
  tell({ nothing: await other.locator(".empty p").allTextContents() });
});
