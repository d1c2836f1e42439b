// Every view in a window as narrow as a page that is enlarged four times: nothing is cut off.

import { choose, fits, given, make, scenario, tell } from "./browser.mjs";

await scenario(async (open) => {
  const key = await open({ width: 320, height: 640, signedIn: false });
  tell({ view: "key", fits: await fits(key) });

  const page = await open({ width: 320, height: 640 });
  await choose(page, given.model);
  await page.click(".more summary");
  await make(page, "a corgi");
  tell({ view: "make", fits: await fits(page) });
  await page.click("nav a[href='#gallery']");
  await page.waitForSelector(".card");
  await page.click(".filters summary");
  tell({ view: "gallery", fits: await fits(page) });
  await page.locator(".card").first().click();
  await page.waitForSelector("dialog .outcome");
  tell({ view: "one", fits: await fits(page) });
  await page.keyboard.press("Escape");
  await page.waitForSelector("dialog", { state: "detached" });
  await page.click("#to-admin");
  await page.waitForSelector(".chart");
  await page.getByRole("button", { name: "New key" }).click();
  await page
    .getByRole("button", { name: /^Settle…/ })
    .first()
    .click();
  await page.click(".costs summary");
  tell({ view: "admin", fits: await fits(page) });
});
