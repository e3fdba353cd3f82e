import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { spaceFreePath } from "./space-free-path.ts";

test("a path with spaces gets another name, the same each time", () => {
  const folder = mkdtempSync(join(tmpdir(), "with-space-"));
  const file = join(folder, "a b", "file");
  mkdirSync(dirname(file));
  writeFileSync(file, "content");
  const other = spaceFreePath(file);
  try {
    expect(other).not.toMatch(/\s/);
    expect(readFileSync(other, "utf8")).toBe("content");
    expect(spaceFreePath(file)).toBe(other);
  } finally {
    rmSync(dirname(other));
    rmSync(folder, { recursive: true });
  }
});

test("somebody else's file at that name is not followed", () => {
  const path = join(tmpdir(), "no such folder", "file");
  const link = dirname(spaceFreePath(path));
  rmSync(link);
  writeFileSync(link, "");
  try {
    expect(() => spaceFreePath(path)).toThrow(`${link} is in the way: remove it`);
  } finally {
    rmSync(link);
  }
});

test("a path without spaces stays as it is", () => {
  expect(spaceFreePath("/usr/lib")).toBe("/usr/lib");
});
