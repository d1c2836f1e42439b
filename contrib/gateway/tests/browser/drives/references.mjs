// Pictures of one's own: dropped, pasted, picked, taken away; a large one is sent once, when it is needed.

import { choose, given, make, planned, scenario, tell, until } from "./browser.mjs";

/** Let go of a small picture over an element, or paste it. */
function hand(page, selector, kind, name) {
  return page.evaluate(
    async ([target, type, called]) => {
      const canvas = new OffscreenCanvas(80, 60);
      canvas.getContext("2d").fillRect(0, 0, 80, 60);
      const carried = new DataTransfer();
      carried.items.add(new File([await canvas.convertToBlob()], called, { type: "image/png" }));
      const about = { bubbles: true, cancelable: true };
      const event =
        type === "paste"
          ? new ClipboardEvent(type, { ...about, clipboardData: carried })
          : new DragEvent(type, { ...about, dataTransfer: carried });
      document.querySelector(target).dispatchEvent(event);
    },
    [selector, kind, name],
  );
}

const count = (page, number) =>
  until(page, (wanted) => document.querySelectorAll(".references img").length === wanted, number);

await scenario(async (open) => {
  const page = await open();
  const sent = [];
  page.on("request", (request) => {
    const { pathname } = new URL(request.url());
    if (request.method() === "POST") sent.push([pathname, request.postDataBuffer()?.length ?? 0]);
  });
  await choose(page, given.model);
  await hand(page, ".zone", "drop", "dropped.png");
  await count(page, 1);
  await hand(page, ".result", "drop", "beside.png");
  await hand(page, "#prompt", "paste", "pasted.png");
  await count(page, 3);
  tell({ names: await page.locator(".references .name").allTextContents() });
  await page.getByRole("button", { name: "Remove beside.png" }).focus();
  await page.keyboard.press("Enter");
  tell({
    left: await page.locator(".references .name").allTextContents(),
    focus: await page.evaluate(() => document.activeElement.getAttribute("aria-label")),
  });

  await page.setInputFiles("input[type=file]", given.large);
  await count(page, 3);
  await page.locator("#prompt").pressSequentially("a collage of these three");
  await planned(page);
  const plans = sent.filter(([path]) => path.endsWith("/plan")).map(([, length]) => length);
  tell({ plans: plans.length, longest_plan: Math.max(...plans) });
  await make(page, "a collage of these three");
  tell({ became: await page.textContent(".outcome .lines") });

  // Of a model that takes none, it is told.
  await choose(page, given.none);
  await page.waitForSelector("fieldset .problem:not(:empty)");
  tell({ none: await page.textContent("fieldset .problem:not(:empty)") });

  // The record knows that they were of somebody's own, and asks for them.
  await page.click("nav a[href='#gallery']");
  await page.click(".card");
  await page.waitForSelector("dialog .outcome");
  await page.getByRole("button", { name: "Again" }).click();
  await page.waitForSelector("dialog", { state: "detached" });
  tell({
    again: await page.inputValue("#prompt"),
    model: await page.inputValue("#model"),
    hint: await page.textContent("fieldset.field > .hint"),
  });
});
