// What is wrong is told while somebody types, beside what it is of, with what would do.

import { choose, given, planned, scenario, tell } from "./browser.mjs";

await scenario(async (open) => {
  const page = await open({ expected: ["/v1/images/generations"] });
  tell({ price: await choose(page, given.model) });
  await page.fill("#prompt", "a corgi");

  await page.getByLabel("Pictures", { exact: true }).fill("3");
  tell({ price_of_three: await planned(page) });

  await page.check(".shapes input[value=exact]");
  const size = page.getByLabel("Size in pixels");
  await size.fill("2048x512");
  const mend = page.getByRole("button", { name: /^Use / });
  await mend.waitFor();
  tell({
    problem: await page.textContent(".sizes .problem:not(:empty)"),
    button: await mend.textContent(),
    invalid: await size.getAttribute("aria-invalid"),
    price_of_none: await page.textContent(".price"),
  });
  await mend.click();
  await mend.waitFor({ state: "detached" });
  tell({ mended: await size.inputValue(), invalid_then: await size.getAttribute("aria-invalid") });

  await page.getByLabel("Pictures", { exact: true }).fill("0");
  await page.waitForSelector(".row .problem:not(:empty)");
  tell({ of_pictures: await page.textContent(".row .problem:not(:empty)") });
  await page.getByLabel("Pictures", { exact: true }).fill("");
  await planned(page);

  await page.fill("#prompt", "word ".repeat(601));
  await page.waitForSelector("#prompt-problem.advice:not(:empty)");
  tell({
    advice: await page.textContent("#prompt-problem"),
    is_mistake: await page.getAttribute("#prompt", "aria-invalid"),
    price_all_the_same: await planned(page),
  });
  tell({ purse: await page.textContent(".purse") });

  await page.fill("#prompt", "");
  await page.click(".primary");
  tell({
    of_prompt: await page.textContent("#prompt-problem"),
    focus: await page.evaluate(() => document.activeElement.id),
  });

  // Another model keeps what it can be asked as well, and loses the rest.
  await page.getByLabel("4:3").check();
  await choose(page, given.other);
  tell({ kept: await page.textContent(".code code") });

  await page.getByLabel("Pictures", { exact: true }).fill("2");
  await page.getByLabel("4K", { exact: true }).check();
  await choose(page, given.third);
  tell({
    lost: await page.textContent("[role=status].advice"),
    kept_of_that: await page.textContent(".code code"),
  });
});
