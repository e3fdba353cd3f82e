import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../local-files.ts";

const folders = ["contracts", "producer", "consumer", "system"];

/** The folders that have suites of their own for `npm run test:extra`, and those suites' files. */
export function findExtraSuites(): { folder: string; files: string[] }[] {
  return folders.flatMap((folder) => {
    const path = join(root, folder, "tests/extra");
    if (!existsSync(path)) return [];
    const files = readdirSync(path).filter((name) => name.endsWith(".test.ts")).sort();
    return [{ folder, files: files.map((name) => `${folder}/tests/extra/${name}`) }];
  });
}
