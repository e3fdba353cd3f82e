import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { createSpaceFreePaths } from "./space-free-paths.ts";

test("a path with spaces gets another name for as long as it is needed", () => {
  const folder = mkdtempSync(join(tmpdir(), "with spaces-"));
  mkdirSync(join(folder, "a b"));
  writeFileSync(join(folder, "a b/file"), "content");
  const paths = createSpaceFreePaths();
  const other = paths.of(join(folder, "a b/file"));
  expect(other).not.toMatch(/\s/);
  expect(readFileSync(other, "utf8")).toBe("content");
  paths.remove();
  expect(existsSync(dirname(other))).toBe(false);
  rmSync(folder, { recursive: true });
});

test("a path without spaces stays as it is", () => {
  expect(createSpaceFreePaths().of("/usr/lib")).toBe("/usr/lib");
});
