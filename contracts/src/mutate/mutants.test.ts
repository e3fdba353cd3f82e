import { afterAll, beforeAll, expect, test } from "vitest";
import { applyEdit } from "./edit.ts";
import { harmlessChanges, mutants } from "./mutants.ts";
import { copyProject, type ProjectCopy } from "./project-copy.ts";

const root = new URL("../../..", import.meta.url).pathname;
let copy: ProjectCopy;
beforeAll(() => copy = copyProject(root));
afterAll(() => copy.remove());

test.each([...mutants, ...harmlessChanges])("$area: $what changes what is there", ({ edits }) => {
  for (const edit of edits) applyEdit(copy.root, edit);
  copy.restore();
});

test("there are at least 60 mutants, each with a name of its own", () => {
  const names = mutants.map(({ area, what }) => `${area}: ${what}`);
  expect(new Set(names).size).toBe(names.length);
  expect(names.length).toBeGreaterThanOrEqual(60);
});
