import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import MiniSearch from "minisearch";
import type { Page } from "./page.ts";

const options = {
  fields: ["title", "text"],
  storeFields: ["title", "page", "path"],
};

interface Entry {
  id: string;
  title: string;
  page: string;
  path: string;
  text: string;
}

function plain(html: string): string {
  return html.replaceAll(/<(script|style)[\s\S]*?<\/\1>/g, " ").replaceAll(
    /<[^>]+>/g,
    " ",
  )
    .replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'").replaceAll("&amp;", "&")
    .replaceAll(/\s+/g, " ").trim();
}

/** One entry for each heading and each table row that has an id, and one for what stands before the first. */
function entriesOf(page: Page, html: string): Entry[] {
  const content = html.slice(html.indexOf('<div class="content">'), html.indexOf("<footer>"));
  return content.split(/(?=<(?:h2|h3|tr|section)[^>]* id=")/).map(
    (part): Entry => {
      const id = /^<\w+[^>]* id="([^"]+)"/.exec(part)?.[1];
      const heading = /<(h1|h2|h3)[^>]*>([\s\S]*?)<\/\1>/.exec(part)?.[2] ??
        /<th[^>]*>\s*(?:<code>)?([\s\S]*?)<\/?(?:code|span|th)/.exec(part)?.[1];
      const path = id ? `${page.path}#${id}` : page.path;
      const title = plain(heading ?? page.title);
      return {
        id: path,
        title: id ? title : page.title,
        page: id ? `${page.section} · ${page.title}` : page.section,
        path,
        text: plain(part),
      };
    },
  );
}

/** The index as a script and the library beside it: a page opened from a file may load scripts, but nothing else. */
export async function buildSearch(
  pages: { page: Page; html: string }[],
): Promise<Record<string, string>> {
  const search = new MiniSearch<Entry>(options);
  search.addAll(pages.flatMap(({ page, html }) => entriesOf(page, html)));
  const main = createRequire(import.meta.url).resolve("minisearch");
  // The last one: the project itself may lie in a folder of that name.
  const library = `${main.slice(0, main.lastIndexOf("dist"))}dist/umd/index.js`;
  return {
    "search-index.js": `globalThis.appointmentSearch = ${JSON.stringify({ options, index: search.toJSON() })};\n`,
    "minisearch.js": (await readFile(library, "utf8")).replace(
      /\n\/\/# sourceMappingURL.*$/m,
      "",
    ),
  };
}
