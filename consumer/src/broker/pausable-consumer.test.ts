import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { expect, test } from "vitest";
import { aborted } from "../aborted.ts";
import { createPausableConsumer } from "./pausable-consumer.ts";
import type { QueueConsumer } from "./queue-consumer.ts";

const noPause = (() => Promise.resolve({ count: 0 })) as unknown as Sql;

test("looking for a pause again and again leaves nothing behind", async () => {
  let reactions = 0;
  const consumer: QueueConsumer = {
    isConsuming: () => true,
    run(stop) {
      const running = aborted(stop);
      const then = running.then.bind(running);
      running.then = ((...handlers: Parameters<typeof then>) => {
        reactions += 1;
        return then(...handlers);
      }) as typeof running.then;
      return running;
    },
  };
  const stop = new AbortController();
  const running = createPausableConsumer(noPause, "audit", consumer).run(stop.signal);
  await sleep(100);
  const before = reactions;
  await sleep(2_200);
  expect(reactions).toBe(before);
  stop.abort();
  await running;
});

test("a consumer that fails is not waited for", async () => {
  const consumer: QueueConsumer = { isConsuming: () => false, run: () => Promise.reject(new Error("broken")) };
  const running = createPausableConsumer(noPause, "audit", consumer).run(new AbortController().signal);
  await expect(running).rejects.toThrow("broken");
});
