import { createRequire } from "node:module";
import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";

const script = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

/** What any of axe's rules finds on the page as it is now, in either colour scheme. */
export async function violations(page: Page): Promise<string[]> {
  await page.evaluate(script);
  const found: string[] = [];
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme });
    const lines = await page.evaluate(async () => {
      type Run = (options: object) => Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
      const { axe } = globalThis as unknown as { axe: { run: Run } };
      const { violations } = await axe.run({ resultTypes: ["violations"] });
      return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
    });
    found.push(...lines.map((line) => `${colorScheme}: ${line}`));
  }
  return found;
}
