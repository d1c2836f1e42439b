// Pictures as they come, partial ones first; a wait that is given up; a failure.

import { choose, given, make, scenario, tell, until } from "./browser.mjs";

await scenario(async (open) => {
  const page = await open({ expected: ["/v1/images/generations"] });
  await page.evaluate(() => {
    window.partials = 0;
    const seen = (changes) => {
      window.partials += changes
        .flatMap((one) => [...one.addedNodes])
        .filter((node) => node.className === "partial").length;
    };
    new MutationObserver(seen).observe(document.body, { childList: true, subtree: true });
  });
  await choose(page, given.partial);
  await make(page, "a corgi, coming out of the fog");
  tell({
    partials: await page.evaluate(() => window.partials),
    pictures: await page.locator(".pictures img").count(),
  });

  await choose(page, given.plain);
  await page.getByLabel("Pictures", { exact: true }).fill("3");
  await make(page, "three herons");
  await until(page, () => document.querySelectorAll(".pictures img").length === 3);
  tell({ three: await page.textContent(".progress span") });
  await page.getByLabel("Pictures", { exact: true }).fill("");

  const cut = { contentType: "text/event-stream", body: ": img_0\n\n" };
  await page.route("**/v1/images/generations", (route) => route.fulfill(cut));
  await page.fill("#prompt", "one that nobody sends");
  await page.click(".primary");
  await page.waitForSelector(".trouble");
  tell({ cut: await page.textContent(".trouble") });
  await page.unroute("**/v1/images/generations");

  // An answer that breaks off is asked for again, and nothing is bought twice.
  let breaks = true;
  await page.route("**/v1/images/generations", async (route) => {
    if (!breaks) return route.continue();
    breaks = false;
    await route.fetch();
    return route.abort("connectionreset");
  });
  await page.fill("#prompt", "one whose answer breaks off");
  await page.click(".primary");
  await page.getByRole("button", { name: "Ask again" }).click();
  await page.waitForSelector(".outcome");
  tell({ after_breaking: await page.textContent(".progress span") });
  await page.unroute("**/v1/images/generations");

  await choose(page, given.slow);
  await page.fill("#prompt", "one that takes its time");
  await page.click(".primary");
  await page.waitForSelector(".progress >> text=It takes its time");
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.waitForSelector(".frame.told");
  tell({ cancelled: await page.textContent(".result"), can_make: await page.isEnabled(".primary") });

  await choose(page, given.lost);
  await page.fill("#prompt", "one that gets lost");
  await page.click(".primary");
  await page.waitForSelector(".trouble");
  tell({
    lost: await page.textContent(".trouble"),
    heading_of_lost: await page.textContent(".progress span"),
  });

  await page.click("nav a[href='#gallery']");
  await until(page, () => document.querySelectorAll(".card").length === 5);
  await page.getByRole("button", { name: /one that gets lost/ }).click();
  await page.waitForSelector("dialog .state");
  tell({
    unknown: await page.textContent("dialog .state"),
    card: await page.textContent(".face.none >> nth=0"),
  });
});
