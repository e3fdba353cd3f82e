import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { root } from "../local-files.ts";
import { catalogue } from "./catalogue.ts";
import { weakenings } from "./weakenings.ts";

test("at least 15 guarantees can be taken out, each by a fault of the catalogue to be found", () => {
  expect(weakenings.length).toBeGreaterThanOrEqual(15);
  const names = catalogue.map(({ name }) => name);
  expect(new Set(names).size).toBe(names.length);
  for (const { faults } of weakenings) expect(names).toEqual(expect.arrayContaining([...faults]));
});

test.each(weakenings)("the text that $name replaces stands once in its file", ({ file, from, to }) => {
  expect(readFileSync(join(root, file), "utf8").split(from)).toHaveLength(2);
  expect(to).not.toBe(from);
});
