// Texts of people who mean no good: they are shown as texts, and wrap.

import { fits, given, scenario, tell, until } from "./browser.mjs";

await scenario(async (open) => {
  const page = await open({ width: 390, height: 844 });
  for (const prompt of given.prompts) {
    await page.fill("#prompt", prompt);
    await page.click(".primary");
    await page.waitForSelector(".outcome");
    const code = {};
    for (const name of ["curl", "openai-python", "imagekit"]) {
      await page.getByRole("tab", { name }).click();
      code[name] = await page.textContent(".code code");
    }
    tell({ prompt, code, fits: await fits(page) });
    await page.reload();
    await page.waitForSelector(".price:not(:empty)");
  }
  // A file may be called as its owner likes.
  await page.fill("#prompt", "of files");
  await page.setInputFiles("input[type=file]", given.files);
  await until(
    page,
    (count) => document.querySelectorAll(".references img").length === count,
    given.files.length,
  );
  await until(page, () => /image/.test(document.querySelector(".code code").textContent));
  tell({
    names: await page.locator(".references .name").allTextContents(),
    curl: await page.textContent(".code code"),
    fits: await fits(page),
  });
  await page.click(".primary");
  await page.waitForSelector(".outcome");
  tell({ became: await page.textContent(".outcome .lines"), fits: await fits(page) });

  await page.click("nav a[href='#gallery']");
  await until(page, (count) => document.querySelectorAll(".card").length === count, given.prompts.length + 1);
  tell({ gallery_fits: await fits(page), captions: await page.locator(".caption").allTextContents() });
  for (const at of given.prompts.keys()) {
    await page
      .locator(".card")
      .nth(at + 1)
      .click();
    await page.waitForSelector("dialog .outcome");
    const wide = await page.evaluate(
      () => document.querySelector("dialog").scrollWidth <= document.querySelector("dialog").clientWidth,
    );
    tell({ whole: await page.textContent("dialog .prompt"), fits: wide });
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog", { state: "detached" });
  }
  tell({
    elements: await page.evaluate(
      () => document.querySelectorAll("script:not([src]), iframe, img[onerror], main style").length,
    ),
  });
  await page.locator(".card").last().click();
  await page.waitForSelector("dialog .outcome");
  const [download] = await Promise.all([
    page.waitForEvent("download"),
    page.getByRole("button", { name: "Download" }).click(),
  ]);
  tell({ download: download.suggestedFilename() });
});
