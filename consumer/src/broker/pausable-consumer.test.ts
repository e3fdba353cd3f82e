import type { Sql } from "postgres";
import { expect, test } from "vitest";
import { aborted } from "../aborted.ts";
import { createJobPauses, neverPaused } from "../postgres/job-pauses.ts";
import { createPausableConsumer } from "./pausable-consumer.ts";
import type { QueueConsumer } from "./queue-consumer.ts";

/** A consumer that says whether it runs, and how often somebody began to wait for its end. */
function observed() {
  const seen = { running: false, reactions: 0 };
  const consumer: QueueConsumer = {
    isConsuming: () => seen.running,
    run(stop) {
      seen.running = true;
      const running = aborted(stop).then(() => void (seen.running = false));
      const then = running.then.bind(running);
      running.then = ((...handlers: Parameters<typeof then>) => {
        seen.reactions += 1;
        return then(...handlers);
      }) as typeof running.then;
      return running;
    },
  };
  return { seen, consumer };
}

test("a consumer begins when it is known that nobody holds its job, and halts and goes on with every pause", async () => {
  const { seen, consumer } = observed();
  const pauses = createJobPauses(["audit", "calendar"]);
  const [audit, calendar] = pauses.items;
  const stop = new AbortController();
  const pausable = createPausableConsumer(pauses, "audit", consumer);
  const running = pausable.run(stop.signal);
  const isRunning = () => expect.poll(() => seen.running);

  calendar!.told(null);
  await new Promise(setImmediate);
  expect(seen.running).toBe(false);
  for (let pause = 0; pause < 3; pause++) {
    audit!.told(null);
    await isRunning().toBe(true);
    calendar!.told(12);
    audit!.told(undefined);
    await new Promise(setImmediate);
    expect(seen.running).toBe(true);
    audit!.told(12);
    await isRunning().toBe(false);
    expect(pausable.isConsuming()).toBe(true);
    audit!.told(undefined);
    await new Promise(setImmediate);
    expect(seen.running).toBe(false);
  }
  // The lease of a command that was killed is over.
  audit!.told(-1);
  await isRunning().toBe(true);
  stop.abort();
  await running;
});

test("looking for a pause again and again leaves nothing behind", async () => {
  const { seen, consumer } = observed();
  const pauses = createJobPauses(["audit"]);
  const stop = new AbortController();
  const running = createPausableConsumer(pauses, "audit", consumer).run(stop.signal);
  pauses.items[0]!.told(null);
  await expect.poll(() => seen.running).toBe(true);
  const before = seen.reactions;
  for (let look = 0; look < 100; look++) {
    pauses.items[0]!.told(null);
    await new Promise(setImmediate);
  }
  expect(seen.reactions).toBe(before);
  stop.abort();
  await running;
});

test("a consumer that fails is not waited for", async () => {
  const consumer: QueueConsumer = { isConsuming: () => false, run: () => Promise.reject(new Error("broken")) };
  const running = createPausableConsumer(neverPaused, "audit", consumer).run(new AbortController().signal);
  await expect(running).rejects.toThrow("broken");
});

test("a job's pause is asked for by its name", () => {
  const asked: unknown[] = [];
  const sql = ((_: TemplateStringsArray, ...values: unknown[]) => asked.push(...values)) as unknown as Sql;
  for (const { dueIn } of createJobPauses(["audit", "calendar"]).items) dueIn(sql);
  expect(asked).toEqual(["audit", "calendar"]);
});
