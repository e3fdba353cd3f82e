import { expect, test } from "vitest";
import { retryConflict, StaleState } from "./retry-conflict.ts";

/** Fails with these in turn, then succeeds. */
function failing(...errors: unknown[]) {
  const left = [...errors];
  let calls = 0;
  return {
    calls: () => calls,
    transact: () => {
      calls++;
      return left.length > 0 ? Promise.reject(left.shift()) : Promise.resolve("saved");
    },
  };
}
const coded = (code: string) => Object.assign(new Error(code), { code });

test("a deadlock, a serialization failure and a lost race are tried again", async () => {
  const work = failing(coded("40P01"), coded("40001"), new StaleState("appointment 1"));
  expect(await retryConflict(work.transact)).toBe("saved");
  expect(work.calls()).toBe(4);
});

test("anything else is not", async () => {
  const work = failing(coded("23P01"));
  await expect(retryConflict(work.transact)).rejects.toThrow("23P01");
  expect(work.calls()).toBe(1);
});

test("a conflict that never ends is given up", async () => {
  const work = failing(...Array.from({ length: 50 }, () => coded("40P01")));
  await expect(retryConflict(work.transact)).rejects.toThrow("40P01");
  expect(work.calls()).toBe(20);
});
