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

/** Let go of files with these names and words, or of a link. */
function drop(page, files, link = "") {
  return page.evaluate(
    ([every, address]) => {
      const carried = new DataTransfer();
      for (const [name, words] of every) carried.items.add(new File([words], name, { type: "image/png" }));
      if (address) carried.setData("text/uri-list", address);
      const about = { bubbles: true, cancelable: true, dataTransfer: carried };
      document.querySelector(".zone").dispatchEvent(new DragEvent("drop", about));
    },
    [files, link],
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

  // What is no picture is told at once, by its name; and so is one too many.
  await drop(page, [
    ["empty.png", ""],
    ["page.png", "<html>"],
    ["notes.txt", "a corgi"],
  ]);
  await until(page, () => document.querySelectorAll("fieldset [role=alert] span").length === 3);
  tell({ no_pictures: await page.locator("fieldset [role=alert] span").allTextContents() });
  await drop(page, [], "https://example.com/cat");
  await until(page, () => document.querySelector("fieldset [role=alert]").textContent.includes("link"));
  tell({ link: await page.textContent("fieldset [role=alert]") });
  await drop(
    page,
    Array.from({ length: 12 }, (_, at) => [`${at}.gif`, "GIF89a"]),
  );
  await until(page, () => document.querySelectorAll(".references li").length === 15);
  await until(page, () => document.querySelector(".price").textContent.startsWith("Nothing"));
  tell({ too_many: await page.textContent(".price") });

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
