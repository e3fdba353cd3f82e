import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname, join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";

const types: Record<string, string> = {
  ".html": "text/html",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

export async function launchChromium(): Promise<Browser> {
  const executablePath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
    .find((path) => existsSync(path));
  if (!executablePath) throw new Error("Chromium is missing: apt-get install chromium");
  return await chromium.launch({
    executablePath,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
    ],
  });
}

/** Serves a folder and nothing else. */
export async function serveFolder(folder: string): Promise<{ origin: string; server: Server }> {
  const server = createServer(async (request, response) => {
    try {
      const path = decodeURIComponent(new URL(request.url ?? "/", "http://site").pathname);
      const content = await readFile(join(folder, path));
      response.writeHead(200, { "content-type": types[extname(path)] ?? "application/octet-stream" }).end(content);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, server };
}

/** Collects what must not happen on any page: an error, or a request that leaves the site's host. */
export function watch(page: Page, origin: string): string[] {
  const troubles: string[] = [];
  page.on("console", (message) => message.type() === "error" && troubles.push(`console: ${message.text()}`));
  page.on("pageerror", (error) => troubles.push(`error: ${error.message}`));
  page.on("request", (request) => {
    if (!/^(data|blob):/.test(request.url()) && !request.url().startsWith(`${origin}/`)) {
      troubles.push(`request: ${request.url()}`);
    }
  });
  return troubles;
}

/** Visits every path, a few at a time, and returns what was wrong anywhere. */
export async function visitAll(
  { browser, origin }: { browser: Browser; origin: string },
  paths: string[],
  visit: (page: Page, path: string) => Promise<string[]>,
): Promise<string[]> {
  const found: string[] = [];
  const left = [...paths];
  async function work(): Promise<void> {
    const page = await browser.newPage();
    const troubles = watch(page, origin);
    for (let path = left.shift(); path !== undefined; path = left.shift()) {
      troubles.push(...await visit(page, path));
      found.push(...troubles.splice(0).map((trouble) => `${path}: ${trouble}`));
    }
    await page.close();
  }
  await Promise.all([work(), work(), work()]);
  return found.toSorted();
}
