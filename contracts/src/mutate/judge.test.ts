import { expect, test } from "vitest";
import { createJudge } from "./judge.ts";
import type { Change } from "./mutants.ts";
import { isByChance, sampleOrder } from "./mutate.ts";
import type { Stage } from "./stages.ts";

const command = { run: () => Promise.reject(new Error("is not run here")) };
const stages: Stage[] = [{ name: "cheap", command, reads: ["a"] }, { name: "dear", command, reads: ["a", "b"] }];

function change(what: string, harmless: boolean, file = "a"): Change {
  return { area: "test", what, edits: [{ file, find: "x", put: "y" }], harmless };
}

/** A bench on which a command is red whenever `isRed` says so of the change that is applied, if one is. */
function bench(isRed: (stage: string, applied: Change | undefined) => boolean) {
  const asked: string[] = [];
  let applied: Change | undefined;
  const judge = createJudge({
    stages,
    apply: (it) => applied = it,
    restore: () => applied = undefined,
    run({ name }) {
      asked.push(`${name}: ${applied?.what ?? "nothing"}`);
      return Promise.resolve(isRed(name, applied) ? "says no" : undefined);
    },
  });
  return { judge, asked };
}

test("a mutant is killed by the first command that it turns red", async () => {
  const { judge, asked } = bench((stage, applied) => stage === "dear" && applied !== undefined);
  expect(await judge(change("one", false))).toEqual({ stage: "dear", reason: "says no" });
  expect(await judge(change("two", false))).toEqual({ stage: "dear", reason: "says no" });
  expect(asked).toEqual(["cheap: one", "dear: one", "dear: nothing", "cheap: two", "dear: two"]);
});

test("a command that is red without any change kills nothing", async () => {
  const { judge } = bench(() => true);
  await expect(judge(change("one", false))).rejects.toThrow("cheap is red without any mutation: says no");
});

test("a harmless change that leaves everything green stands for a run without any change", async () => {
  const { judge, asked } = bench((_, applied) => applied?.harmless === false);
  expect(await judge(change("harmless", true))).toBeUndefined();
  expect(await judge(change("one", false))).toEqual({ stage: "cheap", reason: "says no" });
  expect(asked).toEqual(["cheap: harmless", "dear: harmless", "cheap: one"]);
});

test("a mutant that leaves everything green survives, and says nothing of a run without it", async () => {
  const { judge, asked } = bench((_, applied) => applied?.what === "two");
  expect(await judge(change("one", false, "b"))).toBeUndefined();
  expect(await judge(change("two", false, "b"))).toMatchObject({ stage: "dear" });
  expect(asked).toEqual(["dear: one", "dear: two", "dear: nothing"]);
});

test("a mutant that is to be found by one command is found by chance where another one is red", () => {
  const red = { stage: "dear", reason: "says no" };
  expect(isByChance(change("one", false), red)).toBe(false);
  expect(isByChance({ ...change("one", false), by: "dear" }, red)).toBe(false);
  expect(isByChance({ ...change("one", false), by: "cheap" }, red)).toBe(true);
});

test("a sample begins with a harmless change and a mutant, and is the same for the same seed", () => {
  for (const seed of [1, 2, 3]) {
    const order = sampleOrder(seed);
    expect(order.slice(0, 2).map(({ harmless }) => harmless)).toEqual([true, false]);
    expect(new Set(order).size).toBe(order.length);
    expect(sampleOrder(seed)).toEqual(order);
  }
  expect(sampleOrder(1)).not.toEqual(sampleOrder(2));
});
