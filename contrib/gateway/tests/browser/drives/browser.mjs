// A browser without a screen, for one scenario: what it says are lines of JSON.

import chromium from "@sparticuz/chromium";
import { chromium as playwright } from "playwright-core";

const FLAGS = [
  "--headless",
  "--no-sandbox",
  "--disable-gpu",
  "--no-first-run",
  "--disable-background-networking",
];
/** A slow machine has so many milliseconds for what takes some. */
const PATIENCE = 20_000;

export const { URL: url, KEY: key } = process.env;
export const given = JSON.parse(process.env.GIVEN || "{}");

/** Tell the test something. */
export function tell(told) {
  console.log(JSON.stringify(told));
}

/** Open a browser, do all this in it, and tell what went wrong in its pages meanwhile. */
export async function scenario(work) {
  const browser = await playwright.launch({ executablePath: await chromium.executablePath(), args: FLAGS });
  try {
    await work((options) => opened(browser, options));
  } finally {
    await browser.close();
  }
}

/** A page of its own, with nothing kept from before; with a key unless it is told otherwise. */
async function opened(
  browser,
  { width = 1280, height = 900, theme = "light", signedIn = true, expected = [] } = {},
) {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: theme,
    reducedMotion: "reduce",
    acceptDownloads: true,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(PATIENCE);
  // A plan that is refused is an answer; a browser calls it an error all the same.
  const answers = ["/v1/images/plan", ...expected];
  page.on("console", (message) => {
    const isAnswer = answers.some((path) => message.location().url.includes(path));
    if (["error", "warning"].includes(message.type()) && !isAnswer)
      tell({ trouble: `${message.text()} (${message.location().url})` });
  });
  page.on("pageerror", (error) => tell({ trouble: error.stack }));
  page.on("dialog", (dialog) => {
    tell({ trouble: `a dialog: ${dialog.message()}` });
    dialog.dismiss();
  });
  await page.goto(url);
  if (signedIn) {
    await page.evaluate((secret) => sessionStorage.setItem("imagekit-key", secret), key);
    await page.reload();
  }
  await page.waitForSelector(signedIn ? ".price:not(:empty)" : "#key");
  return page;
}

/** Until a condition in the page holds. */
export async function until(page, condition, argument) {
  await page.waitForFunction(condition, argument, { timeout: PATIENCE });
}

/** Press Tab, or whatever leads on, until what is looked for has the focus. */
export async function walkTo(page, selector, press = "Tab") {
  for (let steps = 0; steps < 80; steps += 1) {
    if (await page.evaluate((wanted) => document.activeElement.matches(wanted), selector)) return;
    await page.keyboard.press(press);
  }
  throw new Error(`nobody comes to ${selector} by ${press}`);
}

/** Until the gateway has planned what is chosen; gives what that would cost. */
export async function planned(page) {
  await page.waitForSelector(".price:not([aria-busy]):not(:empty)");
  return page.textContent(".price");
}

/** Choose a model, and wait until its controls are there. */
export async function choose(page, name) {
  await page.selectOption("#model", name);
  await until(
    page,
    (model) => {
      const code = document.querySelector(".code code").textContent;
      return code.includes(`"${model}"`) || code.includes(`model=${model}'`); // as JSON, or in a form
    },
    name,
  );
  return planned(page);
}

/** Write a prompt, make it, and wait for what came. */
export async function make(page, prompt) {
  await page.fill("#prompt", prompt);
  await page.click(".primary");
  await page.waitForSelector(".outcome");
}

/** Whether a page is as wide as its window, whatever stands in it. */
export function fits(page) {
  return page.evaluate(() => document.documentElement.scrollWidth <= document.documentElement.clientWidth);
}

/** What the thing says that has the focus. */
export function focus(page) {
  return page.evaluate(() => document.activeElement.textContent);
}
