import type { Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { violations } from "./site/axe.ts";
import { visitAll } from "./site/browser.ts";
import { type BuiltSite, openBuiltSite } from "./site/built-site.ts";

let site: BuiltSite;
/** Ours; the AsyncAPI template's are `reference`. */
let pages: string[];
let reference: string[];
/** What was found on one way through all of our pages. */
let limits: string[];
let troubles: string[];

/** The page with least on it. */
const smallest = "jobs/index.html";

/** How long one may take: a second, or where the machine is slow, ten times what the smallest page takes there. */
async function patience(page: Page): Promise<number> {
  await page.goto(`${site.origin}/${smallest}`);
  return Math.max(
    1000,
    10 * await page.evaluate(() => {
      const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
      return navigation?.domInteractive ?? 0;
    }),
  );
}

/** What a page takes as it is opened on a telephone. */
async function beyondLimits(page: Page, patienceMs: number): Promise<string[]> {
  const { interactive, bytes, blocking, width } = await page.evaluate(() => {
    type Timing = PerformanceResourceTiming & { renderBlockingStatus: string };
    const [navigation] = performance.getEntriesByType("navigation") as PerformanceNavigationTiming[];
    const resources = performance.getEntriesByType("resource") as Timing[];
    return {
      interactive: navigation?.domInteractive ?? Infinity,
      bytes: [...resources, navigation!].reduce((sum, { decodedBodySize }) => sum + decodedBodySize, 0),
      blocking: resources.filter(({ renderBlockingStatus }) => renderBlockingStatus === "blocking")
        .map(({ name }) => new URL(name).pathname).join(", "),
      width: document.documentElement.scrollWidth,
    };
  });
  return [
    ...(interactive < patienceMs ? [] : [`can be used after ${Math.round(interactive)} ms`]),
    ...(bytes < 200 * 1024 ? [] : [`loads ${bytes} bytes`]),
    ...(blocking === "/assets/site.css" ? [] : [`waits for ${blocking}`]),
    ...(width === 360 ? [] : [`is ${width} pixels wide`]),
  ];
}

beforeAll(async () => {
  site = await openBuiltSite({ reference: true });
  pages = site.pages.filter((file) => !file.startsWith("reference/"));
  reference = site.pages.filter((file) => file.startsWith("reference/"));
  limits = [];
  troubles = await visitAll(site, pages, async (page, path) => {
    await page.setViewportSize({ width: 360, height: 740 });
    const patienceMs = await patience(page);
    await page.goto(`${site.origin}/${path}`);
    let beyond = await beyondLimits(page, patienceMs);
    // A busy machine makes any page slow: the best of several times counts.
    for (let again = 0; again < 4 && beyond.some((limit) => limit.startsWith("can be used")); again++) {
      await page.reload();
      beyond = await beyondLimits(page, patienceMs);
    }
    limits.push(...beyond.map((limit) => `${path} ${limit}`));
    await page.setViewportSize({ width: 1280, height: 900 });
    return await violations(page);
  });
}, 300_000);

afterAll(() => site?.close());

describe("every page in Chromium", () => {
  it("has no violation of axe's rules in either colour scheme, no error, and asks nobody else for anything", () => {
    expect(troubles).toEqual([]);
    expect(pages.length).toBeGreaterThan(40);
  });

  it("can be used within a second, waits for its style sheet only, loads less than 200 KB, and fits 360 pixels", () => {
    expect(limits).toEqual([]);
  });

  // Not for axe: the markup, its headings and its colours are the AsyncAPI template's, which has no setting for them.
  it("of AsyncAPI's own reference has no error, no dead anchor, and asks nobody else for anything", async () => {
    const found = await visitAll(site, reference, async (page, path) => {
      await page.goto(`${site.origin}/${path}`);
      await page.getByRole("heading", { name: "Operations" }).first().waitFor();
      const targets = await page.evaluate(() =>
        [...document.querySelectorAll("a[href]")].map((link) => (link as HTMLAnchorElement).href)
      );
      const own = targets.map((target) => new URL(target)).filter((target) => target.origin === site.origin);
      if (own.length < 20) return [`has only ${own.length} links of its own`];
      const missing = await page.evaluate(
        (ids) => ids.filter((id) => document.getElementById(id) === null),
        own.map(({ hash }) => decodeURIComponent(hash.slice(1))),
      );
      return [
        ...own.filter(({ pathname }) => pathname !== `/${path}`).map(({ href }) => `leads to ${href}`),
        ...missing.map((id) => `has no anchor ${id}`),
      ];
    });
    expect(found).toEqual([]);
    expect(reference).toEqual(["reference/consumer.html", "reference/producer.html"]);
  });
});
