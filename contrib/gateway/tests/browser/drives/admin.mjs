// Whoever looks after the gateway: by keyboard where it matters.

import { fits, focus, given, scenario, tell, until, walkTo } from "./browser.mjs";

await scenario(async (open) => {
  const page = await open({ expected: ["/v1/keys", "/settle"] });
  await page.waitForSelector("#to-admin:not([hidden])");
  await page.click("#to-admin");
  await page.waitForSelector(".chart");
  await page.waitForSelector(".keys li");
  tell({
    sum: await page.textContent(".sum"),
    chart: await page.getAttribute(".chart", "aria-label"),
    bars: await page.locator(".chart .bar").count(),
  });

  await page.getByLabel("Model", { exact: true }).check();
  await until(page, () => document.querySelector("thead th")?.textContent === "Model");
  tell({ models: await page.locator(".costs tbody th").allTextContents() });

  // A key: what is wrong is told beside it, then it is made, and shown once.
  await page.getByRole("button", { name: "New key" }).focus();
  await page.keyboard.press("Enter");
  await page.keyboard.type("billboards");
  await page.getByLabel("Budget").fill("much");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".key-form .problem:not(:empty)");
  tell({ wrong: await page.textContent(".key-form .problem:not(:empty)") });
  await page.getByLabel("Budget").fill("20");
  await page.getByLabel("Models").fill("seedream-*, kling-v3");
  await page.getByLabel("Expires").fill("90d");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".secret");
  tell({ secret: await page.inputValue(".secret") });
  await walkTo(page, ".once .primary");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".secret", { state: "detached" });
  tell({
    shown_still: (await page.content()).includes("ik-"),
    keys: await page.locator(".keys strong").allTextContents(),
  });

  await page.getByRole("button", { name: "Change billboards" }).click();
  await page.getByLabel("Requests a minute").fill("60");
  await page.keyboard.press("Enter");
  await page.waitForSelector(".keys >> text=60 a minute");
  await page.getByRole("button", { name: "Revoke billboards" }).click();
  await page.getByRole("button", { name: "Revoke billboards for good" }).click();
  await page.waitForSelector(".keys .past");
  tell({ past: await page.textContent(".keys .past .title") });
  tell({ own: await page.getByRole("button", { name: `Revoke ${given.own}` }).count() });

  tell({ unknown: await page.textContent(".requests") });
  await page
    .getByRole("button", { name: /^Settle…/ })
    .first()
    .click();
  tell({ chosen: await page.locator(".settling :checked").count() });
  await page.getByRole("button", { name: "Settle", exact: true }).click();
  tell({ unsaid: await page.textContent(".settling [role=alert]") });
  await page.getByLabel("Yes").check();
  await page.getByLabel("What it cost, if you know").fill("0.2");
  await page.getByLabel("How that is known").fill("the bill of November");
  await page.keyboard.press("Enter");
  tell({ sure: await focus(page) });
  await page.keyboard.press("Enter");
  await until(page, () => document.querySelectorAll(".requests li").length === 0);
  // The costs are asked for anew, too, before the focus moves.
  await until(page, () => document.activeElement.tagName === "H2");
  tell({
    settled: await page.textContent(".admin section p.muted"),
    focus: await page.evaluate(() => document.activeElement.tagName),
    fits: await fits(page),
  });

  // What was settled counts at once; of two currencies each has bars of its own.
  await page.getByLabel("Day", { exact: true }).check();
  await until(page, () => document.querySelectorAll("figcaption").length === 2);
  tell({ currencies: (await page.locator("figcaption").allTextContents()).sort() });
  await page.getByLabel("Host", { exact: true }).check();
  await until(page, () => document.querySelector("thead th")?.textContent === "Host");
  tell({ heads: await page.locator("thead th").allTextContents() });

  const other = await open({ signedIn: false });
  await other.fill("#key", given.plain);
  await other.keyboard.press("Enter");
  const [answer] = await Promise.all([
    other.waitForResponse((one) => one.url().endsWith("/v1/key")),
    other.waitForSelector(".price:not(:empty)"),
  ]);
  await answer.finished();
  tell({ others_see_it: await other.isVisible("#to-admin") });
});
