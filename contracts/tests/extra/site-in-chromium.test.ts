import { createRequire } from "node:module";
import { existsSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { dirname, extname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Browser, type BrowserContext, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { build } from "../../site/build.ts";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const executablePath = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
].find((path) => existsSync(path));
const axe = createRequire(import.meta.url).resolve("axe-core/axe.min.js");
const types: Record<string, string> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

let folder: string;
let server: Server;
let origin: string;
let browser: Browser;
let pages: string[];

/** Opens a page and collects what must not happen on it. */
async function open(path: string, context: BrowserContext): Promise<{ page: Page; troubles: string[] }> {
  const page = await context.newPage();
  const troubles: string[] = [];
  page.on("console", (message) => message.type() === "error" && troubles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!request.url().startsWith(origin)) troubles.push(`request: ${request.url()}`);
  });
  await page.goto(`${origin}/${path}`);
  return { page, troubles };
}

/** What axe finds by the given rules, or by all of them. */
function violations(page: Page, rules: string[]): Promise<string[]> {
  return page.evaluate(async (only) => {
    type Run = (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
    const { axe } = globalThis as unknown as { axe: { run: Run } };
    const found = await axe.run(only.length > 0 ? { runOnly: only } : {});
    return found.violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  }, rules);
}

beforeAll(async () => {
  if (!executablePath) {
    throw new Error("Chromium is missing: apt-get install chromium");
  }
  folder = await mkdtemp(join(tmpdir(), "site-"));
  await build(root, folder, { reference: false });
  const entries = await readdir(folder, { recursive: true });
  pages = entries.filter((file) => file.endsWith(".html") && !file.startsWith("reference/")).sort();
  server = createServer(async (request, response) => {
    try {
      const path = decodeURIComponent(
        new URL(request.url ?? "/", "http://site").pathname,
      );
      const content = await readFile(join(folder, path));
      response.writeHead(200, {
        "content-type": types[extname(path)] ?? "application/octet-stream",
      }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
    ],
  });
});

afterAll(async () => {
  await browser?.close();
  server?.close();
  await rm(folder, { recursive: true, force: true });
});

describe("the documentation site in Chromium", () => {
  it(
    "has no violation of axe's rules in either colour scheme, no console error, and fits 360 pixels, page by page",
    async () => {
      const context = await browser.newContext({ viewport: { width: 360, height: 740 } });
      const found: string[] = [];
      for (const path of pages) {
        const { page, troubles } = await open(path, context);
        const width = await page.evaluate(() => document.documentElement.scrollWidth);
        if (width > 360) troubles.push(`is ${width} pixels wide`);
        await page.setViewportSize({ width: 1280, height: 900 });
        await page.addScriptTag({ path: axe });
        await page.emulateMedia({ colorScheme: "light" });
        troubles.push(...await violations(page, []));
        // The scheme changes colours only.
        await page.emulateMedia({ colorScheme: "dark" });
        troubles.push(...await violations(page, ["color-contrast"]));
        found.push(...troubles.map((trouble) => `${path}: ${trouble}`));
        await page.close();
      }
      await context.close();
      expect(found).toEqual([]);
    },
    300_000,
  );

  it("finds an event by the name of one of its fields, from a server and from a file", async () => {
    for (
      const address of [
        `${origin}/index.html`,
        pathToFileURL(join(folder, "index.html")).href,
      ]
    ) {
      const page = await browser.newPage();
      await page.goto(address);
      await page.getByRole("searchbox").fill("previousDoctorId");
      await page.locator("search a").first().click();
      expect(page.url()).toContain("events/appointment.rescheduled.html#");
      await page.close();
    }
  });

  it("can be searched with the keyboard alone", async () => {
    const page = await browser.newPage();
    await page.goto(`${origin}/index.html`);
    await page.keyboard.press("/");
    await page.keyboard.type("analytics");
    await page.locator("search a").first().waitFor();
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForURL(/analytics|created/);
    await page.close();
  });

  it("shows its content and its navigation without JavaScript", async () => {
    const page = await browser.newPage({ javaScriptEnabled: false });
    await page.goto(`${origin}/events/appointment.created.html`);
    expect(await page.getByRole("heading", { level: 1 }).textContent()).toBe(
      "appointment.created",
    );
    expect(
      await page.getByRole("link", { name: "appointment.cancelled" }).first()
        .isVisible(),
    ).toBe(true);
    expect(await page.getByRole("searchbox").count()).toBe(0);
    await page.close();
  });

  it("waits for nothing but its style sheet before it can be used", async () => {
    for (
      const path of [
        "index.html",
        "events/appointment.created.html",
        "jobs/notifications.html",
      ]
    ) {
      const page = await browser.newPage();
      await page.goto(`${origin}/${path}`);
      const { interactive, blocking } = await page.evaluate(() => {
        const [entry] = performance.getEntriesByType(
          "navigation",
        ) as PerformanceNavigationTiming[];
        const resources = performance.getEntriesByType(
          "resource",
        ) as (PerformanceResourceTiming & { renderBlockingStatus: string })[];
        return {
          interactive: Math.round(entry?.domInteractive ?? 0),
          blocking: resources.filter(({ renderBlockingStatus }) => renderBlockingStatus === "blocking").map((
            { name },
          ) => name),
        };
      });
      console.log(`${path}: interactive after ${interactive} ms`);
      expect(blocking).toEqual([`${origin}/assets/site.css`]);
      await page.close();
    }
  });
});
