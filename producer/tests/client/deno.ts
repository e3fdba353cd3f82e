import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import process from "node:process";

/**
 * Deno's program: the runtime of this test, or npm's package in a folder above. Not the launcher that npm puts before
 * it, which would not pass signals on. Undefined where there is none, as in a copy of this folder alone.
 */
export const deno = findDeno();

function findDeno(): string | undefined {
  if ("deno" in process.versions) return process.execPath;
  try {
    const platforms = join(dirname(createRequire(import.meta.url).resolve("deno/bin.cjs")), "../@deno");
    return join(platforms, readdirSync(platforms)[0]!, "deno");
  } catch {
    return undefined;
  }
}
