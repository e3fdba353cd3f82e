import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser } from "playwright-core";
import { build } from "../../../site/build.ts";
import { launchChromium, serveFolder } from "./browser.ts";

const root = dirname(dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url))))));

export interface BuiltSite {
  folder: string;
  origin: string;
  /** Every HTML file, in the order of their names. */
  pages: string[];
  browser: Browser;
  close(): Promise<void>;
}

/** Builds this checkout's site into a folder of its own, serves it, and starts a browser. */
export async function openBuiltSite(options: { reference: boolean }): Promise<BuiltSite> {
  const folder = await mkdtemp(join(tmpdir(), "site-"));
  await build(root, folder, options);
  const files = await readdir(folder, { recursive: true });
  const { origin, server } = await serveFolder(folder);
  const browser = await launchChromium();
  return {
    folder,
    origin,
    pages: files.filter((file) => file.endsWith(".html")).sort(),
    browser,
    async close() {
      await browser.close();
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
