// Every view, at three widths in both themes, as pictures: for people to look at.

import { choose, given, make, planned, scenario, tell, until } from "./browser.mjs";

const WIDTHS = { phone: [390, 844], tablet: [820, 1100], desktop: [1440, 900] };

/** Until every picture that is in the window is drawn. */
async function seen(page) {
  await until(page, () =>
    [...document.images].every((image) => image.complete || image.getBoundingClientRect().top > innerHeight),
  );
  await page.evaluate(() => document.fonts.ready);
}

await scenario(async (open) => {
  const prompts = [...given.prompts];
  for (const [device, [width, height]] of Object.entries(WIDTHS)) {
    for (const theme of ["light", "dark"]) {
      const shoot = async (page, view, whole = false) => {
        await seen(page);
        const path = `${given.folder}/${view}-${device}-${theme}.png`;
        await page.screenshot({ path, fullPage: whole });
        tell({ shot: path });
      };
      const key = await open({ width, height, theme, signedIn: false });
      await shoot(key, "key");
      await key.context().close();

      const page = await open({ width, height, theme });
      await choose(page, given.model);
      await page.check(".shapes input[value='16:9']");
      await make(page, prompts.shift());
      await planned(page);
      await page.evaluate(() => {
        scrollTo(0, 0);
        document.activeElement.blur();
      });
      await shoot(page, "make");
      await shoot(page, "make-whole", true);

      await page.check(".shapes input[value=exact]");
      await page.fill(".sizes input:not([type=radio])", "640x360");
      await page.waitForSelector(".repair");
      await page.locator(".shapes").scrollIntoViewIfNeeded();
      await shoot(page, "problem");

      await page.click("nav a[href='#gallery']");
      await page.waitForSelector(".card");
      await shoot(page, "gallery");
      await page.locator(".card", { hasText: given.shown }).click();
      await page.waitForSelector("dialog .outcome");
      await shoot(page, "one");
      await page.keyboard.press("Escape");
      await page.waitForSelector("dialog", { state: "detached" });
      await page.click("#to-admin");
      await page.waitForSelector(".chart");
      await shoot(page, "admin");
      await page.getByRole("button", { name: "New key" }).click();
      await page
        .getByRole("button", { name: /^Settle…/ })
        .first()
        .click();
      await shoot(page, "admin-whole", true);
      await page.context().close();
    }
  }
});
