import { existsSync, mkdirSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import process from "node:process";
import { type Browser, chromium, type Page } from "playwright-core";

/** Where pictures of the pages go, for whoever wants to look at them. */
const pictures = process.env["PICTURES"];
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export async function launchChromium(): Promise<Browser> {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .find((path) => existsSync(path));
  if (!executablePath) throw new Error("Chromium is missing: apt-get install chromium");
  return await chromium.launch({ executablePath, args: ["--no-sandbox", "--disable-gpu", "--no-first-run"] });
}

/** A page of its own session, with everything that must not happen on it: errors, and requests to other hosts. */
export async function openPage(browser: Browser, origin: string): Promise<{ page: Page; troubles: string[] }> {
  const page = await (await browser.newContext({ bypassCSP: false })).newPage();
  const troubles: string[] = [];
  page.on("console", (message) => message.type() === "error" && troubles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${origin}/`)) {
      troubles.push(`request: ${request.url()}`);
    }
  });
  return { page, troubles };
}

/** By keyboard alone. */
export async function logIn(page: Page, origin: string, key: string, path = "/ops"): Promise<void> {
  await page.goto(`${origin}${path}`);
  await page.getByLabel("Your key").focus();
  await page.keyboard.type(key);
  await page.keyboard.press("Enter");
  await page.getByRole("button", { name: "Log out" }).waitFor();
}

/** What any of axe's rules finds, and what is wider than the window, in both schemes on a desk and a telephone. */
export async function problemsOf(page: Page): Promise<string[]> {
  const found: string[] = [];
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      // Without this the page's own policy keeps axe out.
      const session = await page.context().newCDPSession(page);
      await session.send("Page.setBypassCSP", { enabled: true });
      await page.evaluate(axe);
      const lines = await page.evaluate(async () => {
        type Run = (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
        const { axe } = globalThis as unknown as { axe: { run: Run } };
        const { violations } = await axe.run({ resultTypes: ["violations"] });
        return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
      });
      found.push(...lines.map((line) => `${width} ${colorScheme}: ${line}`));
    }
    const wide = await page.evaluate("document.documentElement.scrollWidth");
    if (Number(wide) > width) found.push(`${width}: is ${wide} pixels wide`);
  }
  await page.setViewportSize({ width: 1280, height: 900 });
  return found;
}

/** On a desk and on a telephone, in both schemes. */
export async function picture(page: Page, name: string): Promise<void> {
  if (pictures === undefined) return;
  mkdirSync(pictures, { recursive: true });
  for (const width of [1280, 360]) {
    await page.setViewportSize({ width, height: 900 });
    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await page.screenshot({ path: join(pictures, `${name}-${width}-${colorScheme}.png`), fullPage: true });
    }
  }
  await page.setViewportSize({ width: 1280, height: 900 });
}
