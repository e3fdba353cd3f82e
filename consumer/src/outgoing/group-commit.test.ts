import { expect, test } from "vitest";
import { createGroupCommit } from "./group-commit.ts";

/** Writes on demand, so that a test decides what comes while one write is under way. */
function createWriter(fault: (items: number[]) => Error | undefined = () => undefined) {
  const groups: number[][] = [];
  const write = createGroupCommit<number, string>(async (items) => {
    groups.push(items);
    await new Promise((resolve) => setTimeout(resolve, 1));
    const error = fault(items);
    if (error) throw error;
    return items.map((item) => `wrote ${item}`);
  });
  return { groups, write };
}

const range = (from: number, to: number) => Array.from({ length: to - from }, (_, index) => from + index);

test("one alone is written at once, and what comes meanwhile goes together with the next", async () => {
  const { groups, write } = createWriter();

  const results = await Promise.all(range(0, 5).map(write));

  expect(groups).toEqual([[0], [1, 2, 3, 4]]);
  expect(results).toEqual(range(0, 5).map((item) => `wrote ${item}`));
});

test("no group grows without bound", async () => {
  const { groups, write } = createWriter();

  await Promise.all(range(0, 450).map(write));

  expect(groups.map(({ length }) => length)).toEqual([1, 200, 200, 49]);
});

test("a value that PostgreSQL refuses fails alone, wherever it stands", async () => {
  const refused = Object.assign(new Error("refused"), { code: "22021" });
  for (const culprit of range(0, 9)) {
    const { write } = createWriter((items) => items.includes(culprit) ? refused : undefined);

    const results = await Promise.allSettled(range(0, 9).map(write));

    expect(results.map(({ status }) => status === "rejected")).toEqual(range(0, 9).map((item) => item === culprit));
  }
});

test("a group that the database could not take is not divided: all are told", async () => {
  const { groups, write } = createWriter(() => Object.assign(new Error("away"), { code: "57P01" }));

  const results = await Promise.allSettled(range(0, 9).map(write));

  expect(results.every(({ status }) => status === "rejected")).toBe(true);
  expect(groups).toHaveLength(2);
});

test("after a failure the next are written", async () => {
  let fails = true;
  const { write } = createWriter(() => fails ? new Error("away") : undefined);

  await expect(write(1)).rejects.toThrow("away");
  fails = false;

  expect(await write(2)).toBe("wrote 2");
});
