import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { ReadFile } from "../bundle.ts";
import { PRODUCER_DOCUMENT } from "../contract.ts";
import { workingTree } from "../working-tree.ts";
import { LOCK, RELEASES } from "./release.ts";

/** Written in the lock while the consumer follows the producer's document of the working tree. */
const UNRELEASED = "working-tree";

/**
 * The working tree as the consumer's code sees it: the producer's document is that of the release in
 * consumer/contract.lock, so that a change of it reaches the consumer when the consumer wants it.
 */
export function lockedTree(root: string): ReadFile {
  const read = workingTree(root);
  const lock = existsSync(join(root, LOCK)) ? readFileSync(join(root, LOCK), "utf8").trim() : UNRELEASED;
  if (lock === UNRELEASED) return read;
  return (path) => read(path === PRODUCER_DOCUMENT ? `${RELEASES}/${lock}/${path}` : path);
}
