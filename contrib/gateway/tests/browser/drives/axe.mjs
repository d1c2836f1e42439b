// What people can't use, looked for in every view, in both themes.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { choose, given, make, scenario, tell } from "./browser.mjs";

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf-8");

async function look(page, view) {
  const found = await page.evaluate(`${AXE}; axe.run(document, {resultTypes: ["violations"]})`);
  const told = found.violations.map(
    (one) => `${one.id}: ${one.nodes.map((node) => node.html.slice(0, 160)).join(" | ")}`,
  );
  tell({ view, passes: found.passes.length, violations: told });
}

await scenario(async (open) => {
  for (const theme of ["light", "dark"]) {
    const key = await open({ theme, signedIn: false });
    await look(key, `key ${theme}`);
    await key.context().close();

    const page = await open({ theme, expected: ["/v1/images/generations"] });
    await look(page, `make ${theme}`);
    await choose(page, given.model);
    await page.click("summary");
    await page.check(".shapes input[value=exact]");
    await page.fill(".sizes input:not([type=radio])", "2048x512");
    await page.waitForSelector(".repair");
    await look(page, `problems ${theme}`);
    await page.click(".repair");
    await page.waitForSelector(".repair", { state: "detached" });
    await make(page, "a corgi");
    await look(page, `made ${theme}`);
    await page.setInputFiles("input[type=file]", given.file);
    await page.waitForSelector(".references img");
    await choose(page, given.lost);
    await page.click(".primary");
    await page.waitForSelector(".trouble");
    await look(page, `trouble ${theme}`);
    await page.click("nav a[href='#gallery']");
    await page.waitForSelector(".card");
    await look(page, `gallery ${theme}`);
    await page.click(".card");
    await page.waitForSelector("dialog .outcome");
    await look(page, `one ${theme}`);
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
    await look(page, `admin ${theme}`);
    await page.context().close();
  }
});
