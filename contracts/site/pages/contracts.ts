import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "../page.ts";
import { markdownPage } from "./markdown.tsx";

/** In which order a team uses the contract commands. */
export async function contractsPage(root: string): Promise<Page> {
  return markdownPage({
    markdown: await readFile(join(root, "docs/contracts.md"), "utf8"),
    path: "contracts/index.html",
    section: "Contracts",
    known: new Map(),
  });
}
