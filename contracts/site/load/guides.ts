import { readdir, readFile } from "node:fs/promises";
import { basename, join } from "node:path";

/** A page of the repository's Markdown. */
export interface Guide {
  /** Of the file, from the project's root. */
  file: string;
  /** In the site. */
  path: string;
  section: string;
  title: string;
  /** Of `Status: accepted, 2026-11-23`. */
  status: string | undefined;
  /** Without its heading and its status. */
  markdown: string;
}

async function loadFolder(root: string, folder: string, to: string, section: string): Promise<Guide[]> {
  const files = (await readdir(join(root, folder))).filter((file) => file.endsWith(".md")).sort();
  return await Promise.all(files.map((file) => loadGuide(root, `${folder}/${file}`, `${to}/${file}`, section)));
}

async function loadGuide(root: string, file: string, to: string, section: string): Promise<Guide> {
  const text = await readFile(join(root, file), "utf8");
  const heading = /^# (.+)$/m.exec(text)?.[1] ?? basename(file, ".md");
  return {
    file,
    path: to.replace(/\.md$/, ".html"),
    section,
    title: heading.replace(/^Runbook: ./, (start) => start.slice(-1).toUpperCase()).replaceAll("`", ""),
    status: /^Status: (.+)$/m.exec(text)?.[1],
    markdown: text.replace(/^# .+\n+(Status: .+\n+)?/, ""),
  };
}

/** How to use the contracts, the runbooks and the decisions, each in their order. */
export async function loadGuides(root: string): Promise<Record<"contracts" | "runbooks" | "decisions", Guide[]>> {
  return {
    contracts: [await loadGuide(root, "docs/contracts.md", "contracts/index.md", "Contracts")],
    runbooks: await loadFolder(root, "docs/operate", "operate", "Runbooks"),
    decisions: await loadFolder(root, "docs/adr", "decisions", "Decisions"),
  };
}
