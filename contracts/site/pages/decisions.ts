import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "../page.ts";
import { markdownPage } from "./markdown.tsx";

/** The decision records of docs/adr/, in their order. */
export async function decisionPages(root: string): Promise<Page[]> {
  const folder = join(root, "docs/adr");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".md"))
    .sort();
  const known = new Map(
    files.map((file) => [file, `decisions/${file.replace(".md", ".html")}`]),
  );
  return Promise.all(files.map(async (file) =>
    markdownPage({
      markdown: await readFile(join(folder, file), "utf8"),
      path: known.get(file) as string,
      section: "Decisions",
      known,
    })
  ));
}
