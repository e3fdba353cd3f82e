import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { violations } from "./site/axe.ts";
import { type BuiltSite, openBuiltSite } from "./site/built-site.ts";

let site: BuiltSite;

beforeAll(async () => {
  site = await openBuiltSite({ reference: false });
});

afterAll(() => site?.close());

describe("the search", () => {
  it("finds an event by the name of one of its fields, from a server and from a file, on a narrow screen too", async () => {
    const file = pathToFileURL(join(site.folder, "index.html")).href;
    for (const [address, width] of [[`${site.origin}/index.html`, 1280], [file, 1280], [file, 360]] as const) {
      const page = await site.browser.newPage({ viewport: { width, height: 740 } });
      await page.goto(address);
      await page.getByRole("searchbox").fill("previousDoctorId");
      await page.locator("search a").first().waitFor();
      // Each of those in sight is what a finger would touch.
      const covered = await page.locator("search a").evaluateAll((links) => {
        const bottom = links[0]!.closest("ol")!.getBoundingClientRect().bottom;
        return links.map((link) => link.getBoundingClientRect()).filter((box) => box.bottom < bottom)
          .filter(({ x, y }) => document.elementFromPoint(x + 9, y + 9)?.closest("search") === null).length;
      });
      expect(covered).toBe(0);
      await page.locator("search a").first().click();
      expect(page.url()).toContain("events/appointment.rescheduled.html#");
      await page.close();
    }
  });

  it("needs nothing but the keyboard", async () => {
    const page = await site.browser.newPage();
    await page.goto(`${site.origin}/index.html`);
    await page.keyboard.press("/");
    await page.keyboard.type("analytics");
    await page.locator("search a").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/analytics|created/);
    await page.close();
  });

  it("has no violation of axe's rules while it shows what it found, or that it found nothing", async () => {
    const page = await site.browser.newPage();
    await page.goto(`${site.origin}/index.html`);
    for (const [query, shown] of [["doctor", "search a"], ["xyzzy", "search .nothing"]] as const) {
      await page.getByRole("searchbox").fill(query);
      await page.locator(shown).first().waitFor();
      expect(await violations(page), query).toEqual([]);
    }
    await page.close();
  });
});

it("a block of code is copied with one press", async () => {
  const context = await site.browser.newContext({ permissions: ["clipboard-read", "clipboard-write"] });
  const page = await context.newPage();
  await page.goto(`${site.origin}/index.html`);
  await page.getByRole("button", { name: "Copy" }).first().click();
  await page.getByRole("button", { name: "Copied" }).waitFor();
  expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("npm start");
  await context.close();
});

it("no button lies on the command that it copies, on a narrow screen", async () => {
  const page = await site.browser.newPage({ viewport: { width: 360, height: 740 } });
  await page.goto(`${site.origin}/operate/full-queues.html`);
  const covered = await page.locator("figure.code").evaluateAll((blocks) =>
    blocks.filter((block) => {
      const button = block.querySelector("button")!.getBoundingClientRect();
      const code = block.querySelector("code")!.getBoundingClientRect();
      return button.left < code.right && button.top < code.bottom;
    }).length
  );
  expect(await page.getByRole("button", { name: "Copy" }).count()).toBeGreaterThan(1);
  expect(covered).toBe(0);
  await page.close();
});

it("content and navigation are there without JavaScript", async () => {
  const page = await site.browser.newPage({ javaScriptEnabled: false });
  await page.goto(`${site.origin}/events/appointment.created.html`);
  expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe("appointment.created");
  expect(await page.getByRole("link", { name: "appointment.cancelled" }).first().isVisible()).toBe(true);
  expect(await page.getByRole("searchbox").count()).toBe(0);
  expect(await page.getByRole("button").count()).toBe(0);
  await page.close();
});
