import process from "node:process";
import { afterAll, beforeAll, expect, test } from "vitest";
import { applyEdit } from "./edit.ts";
import { harmlessChanges, mutants } from "./mutants.ts";
import { copyProject, type ProjectCopy } from "./project-copy.ts";
import { runStage, STAGES } from "./stages.ts";

const root = new URL("../../..", import.meta.url).pathname;
const asked = STAGES.filter(({ name }) => ["agree", "diff HEAD"].includes(name));
let copy: ProjectCopy;
beforeAll(() => copy = copyProject(root));
afterAll(() => copy.remove());

async function firstRed(edits: (typeof mutants)[number]["edits"]): Promise<string | undefined> {
  try {
    for (const edit of edits) applyEdit(copy.root, edit);
    for (const stage of asked) if (await runStage(copy.root, stage) !== undefined) return stage.name;
    return undefined;
  } finally {
    copy.restore();
  }
}

/** A third of them; `npm run contracts -- mutate` runs all. */
const seed = Number(process.env["SEED"] ?? 7);
const sample = <Item>(items: Item[]) => items.filter((_, place) => place % 3 === seed % 3);

test.each(sample(mutants.filter(({ by }) => by === "diff HEAD")))("diff finds: $what", async ({ edits, by }) => {
  expect(await firstRed(edits)).toBe(by);
});

test.each(sample(harmlessChanges.filter(({ area }) => area.endsWith("document"))))(
  "no alarm on: $what",
  async ({ edits }) => {
    expect(await firstRed(edits)).toBeUndefined();
  },
);
