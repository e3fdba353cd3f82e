import { expect, test } from "vitest";
import { createLanes } from "./lanes.ts";

test("two lanes work at once, and end when neither finds anything", async () => {
  const lanes = createLanes(2);
  let left = 10;
  let working = 0;
  let most = 0;
  await lanes.run(async () => {
    if (left === 0) return false;
    left--;
    most = Math.max(most, ++working);
    await new Promise((resolve) => setImmediate(resolve));
    working--;
    return true;
  });
  expect({ left, most }).toEqual({ left: 0, most: 2 });
});

test("a lane that found nothing looks again when it is woken", async () => {
  const lanes = createLanes(2);
  const work: (() => Promise<void>)[] = [];
  const done: string[] = [];
  work.push(async () => {
    await new Promise((resolve) => setImmediate(resolve));
    // The other lane sleeps by now.
    const other = new Promise<void>((resolve) => {
      work.push(() => {
        done.push("the other lane's");
        resolve();
        return Promise.resolve();
      });
    });
    lanes.wake();
    await other;
    done.push("the first lane's");
  });
  await lanes.run(async () => {
    const next = work.shift();
    await next?.();
    return next !== undefined;
  });
  expect(done).toEqual(["the other lane's", "the first lane's"]);
});

test("when one lane fails the other one finishes what it has, and then all of it has failed", async () => {
  const lanes = createLanes(2);
  let finished = false;
  let steps = 0;
  const running = lanes.run(async () => {
    if (steps++ === 0) throw new Error("the database is away");
    await new Promise((resolve) => setImmediate(resolve));
    finished = true;
    return true;
  });
  await expect(running).rejects.toThrow("the database is away");
  expect({ finished, steps }).toEqual({ finished: true, steps: 2 });
});
