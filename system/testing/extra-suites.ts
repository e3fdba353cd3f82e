import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { root } from "../local-files.ts";

const folders = ["contracts", "producer", "consumer", "system"];

/** `extra` needs Debian's tools and belongs to every CI run; `long` takes minutes and runs at night. */
export type Kind = "extra" | "long";

/** The folders that have suites of their own for `npm run test:extra` or `npm run test:long`, and those suites' files. */
export function findSuites(kind: Kind): { folder: string; files: string[] }[] {
  return folders.flatMap((folder) => {
    const path = join(root, folder, `tests/${kind}`);
    if (!existsSync(path)) return [];
    const files = readdirSync(path).filter((name) => name.endsWith(".test.ts")).sort();
    return [{ folder, files: files.map((name) => `${folder}/tests/${kind}/${name}`) }];
  });
}
