import { cp, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { Hono } from "hono";
import { toSSG } from "hono/ssg";
import { renderPage } from "./render.tsx";
import { buildReference } from "./reference.ts";
import { buildSearch } from "./search-index.ts";
import { loadSite, type Site } from "./site.ts";

/** The site as an application: what the static build writes is what `--serve` answers. */
export function createApp(site: Site): Hono {
  const app = new Hono();
  for (const page of site.pages) app.get(`/${page.path}`, (context) => context.html(renderPage(page, site)));
  return app;
}

/** Builds the whole site into `out`, which it empties first; AsyncAPI's reference takes most of the time. Returns the number of pages. */
export async function build(
  root: string,
  out: string,
  { reference = true } = {},
): Promise<number> {
  const site = await loadSite(root);
  await rm(out, { recursive: true, force: true });
  const written = await toSSG(createApp(site), {
    writeFile: (path, data) => writeFile(path, data),
    mkdir,
  }, { dir: out });
  if (!written.success) throw written.error;
  await cp(join(root, "contracts/site/assets"), join(out, "assets"), {
    recursive: true,
  });
  for (const [file, text] of site.downloads) {
    await mkdir(dirname(join(out, file)), { recursive: true });
    await writeFile(join(out, file), text);
  }
  const pages = site.pages.map((page) => ({ page, html: renderPage(page, site) }));
  for (const [file, text] of Object.entries(await buildSearch(pages))) {
    const path = join(out, "assets", file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, text);
  }
  if (reference) await buildReference(root, out);
  return site.pages.length;
}
