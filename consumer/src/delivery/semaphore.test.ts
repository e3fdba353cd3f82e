import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import { createSemaphore } from "./semaphore.ts";

test("never more permits are held than there are, and everybody gets a turn", async () => {
  const semaphore = createSemaphore(3);
  let held = 0;
  let most = 0;
  const turns = [1, 1, 3, 1, 1, 2, 1].map((permits) =>
    semaphore.run(permits, async () => {
      held += permits;
      most = Math.max(most, held);
      await sleep(1);
      held -= permits;
    })
  );
  await Promise.all(turns);
  expect(most).toBe(3);
});

test("one that needs everything is not overtaken for ever", async () => {
  const semaphore = createSemaphore(2);
  const order: string[] = [];
  const turn = (name: string, permits: number) =>
    semaphore.run(permits, async () => {
      order.push(name);
      await sleep(1);
    });
  await Promise.all([turn("small 1", 1), turn("all", 2), turn("small 2", 1)]);
  expect(order).toEqual(["small 1", "all", "small 2"]);
});

test("who leaves lets others run meanwhile, and goes on with what it held", async () => {
  const semaphore = createSemaphore(2);
  const order: string[] = [];
  let goOn = () => {};
  const left = semaphore.runAlone(async () => {
    await semaphore.leaveAll(() => new Promise<void>((resolve) => goOn = resolve));
    order.push("alone again");
  });
  await semaphore.run(1, async () => {
    order.push("meanwhile");
    goOn();
    await sleep(1);
    order.push("done");
  });
  await left;
  expect(order).toEqual(["meanwhile", "done", "alone again"]);
});

test("a task that throws gives its permits back", async () => {
  const semaphore = createSemaphore(1);
  await expect(semaphore.run(1, () => Promise.reject(new Error("boom")))).rejects.toThrow("boom");
  expect(await semaphore.run(1, () => Promise.resolve("next"))).toBe("next");
});
