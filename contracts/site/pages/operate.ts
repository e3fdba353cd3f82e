import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Description } from "../load/services.ts";
import type { Page } from "../page.ts";
import { configurationPage } from "./configuration.tsx";
import { markdownPage } from "./markdown.tsx";
import { loadAlerts, metricsPage } from "./metrics.tsx";

/** Metrics and configuration from the services themselves, alerts from their rules, and the runbooks. */
export async function operatePages(
  root: string,
  descriptions: Description[],
): Promise<Page[]> {
  const folder = join(root, "docs/operate");
  const files = (await readdir(folder)).filter((file) => file.endsWith(".md"))
    .sort();
  const known = new Map(
    files.map((file) => [file, `operate/${file.replace(".md", ".html")}`]),
  );
  const runbooks = await Promise.all(files.map(async (file) =>
    markdownPage({
      markdown: await readFile(join(folder, file), "utf8"),
      path: known.get(file) as string,
      section: "Operate",
      known,
    })
  ));
  return [
    metricsPage(descriptions, await loadAlerts(root)),
    configurationPage(descriptions),
    ...runbooks,
  ];
}
