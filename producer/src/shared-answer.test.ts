import { expect, test } from "vitest";
import { shared } from "./shared-answer.ts";

test("questions that are asked together get one answer, and the next one a new one", async () => {
  let found = 0;
  const ask = shared(async () => {
    await Promise.resolve();
    return ++found;
  });
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  expect(await ask()).toBe(2);
});

test("a failure is everybody's who asked for it, and nobody's afterwards", async () => {
  let asked = 0;
  const ask = shared(() => ++asked === 1 ? Promise.reject(new Error("away")) : Promise.resolve(asked));
  const answers = await Promise.allSettled([ask(), ask()]);
  expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  expect(await ask()).toBe(2);
});
