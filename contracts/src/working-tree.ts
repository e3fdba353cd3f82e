import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReadFile } from "./bundle.ts";

export function workingTree(root: string): ReadFile {
  return (path) => readFileSync(join(root, path), "utf8");
}
