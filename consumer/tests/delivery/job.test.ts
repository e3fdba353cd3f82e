import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { JobOutcome } from "../../src/jobs/job.ts";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  type TestEvent,
  testJob,
  type TestStore,
} from "../support/delivery-harness.ts";
import { eventually } from "../support/eventually.ts";

let harness: DeliveryHarness;
let stop = () => Promise.resolve();

beforeAll(async () => {
  harness = await createDeliveryHarness();
  await harness.database.sql`create table counters (name text primary key, value integer not null)`;
  await harness.database.sql`insert into counters values ('a', 0), ('b', 0)`;
});
afterEach(() => stop());
afterAll(() => harness.close());

async function valueOf(name: string): Promise<number> {
  const [row] = await harness.database.sql<{ value: number }[]>`select value from counters where name = ${name}`;
  return row!.value;
}

const raise = (transaction: TestStore, name: string) =>
  transaction`update counters set value = value + 1 where name = ${name}`;

test("jobs that deadlock are run again at once, with no attempt and no delay queue", async () => {
  let waiting = 0;
  let runs = 0;
  const bothHaveOne = async () => {
    waiting += 1;
    while (waiting < 2) await sleep(5);
  };
  const job = testJob("analytics", async (event, transaction) => {
    runs += 1;
    const [first, second] = event.payload.doctorId === "dr-1" ? ["a", "b"] : ["b", "a"];
    await raise(transaction, first!);
    await bothHaveOne();
    await raise(transaction, second!);
    return applied;
  });
  // Two processes, or both could be in one transaction.
  const stops = [1, 2].map(() => harness.consume([job], { prefetch: 1 }));
  stop = async () => void await Promise.all(stops.map((halt) => halt()));
  for (const doctorId of ["dr-1", "dr-2"]) {
    await harness.publish(createdEvent({ payload: { ...createdEvent().payload, doctorId } }));
  }
  await eventually(async () => expect([await valueOf("a"), await valueOf("b")]).toEqual([2, 2]));
  expect(runs).toBe(3);
  expect(await harness.metrics.registry.metrics()).not.toContain("events_retried_total{");
});

test("a job that hangs loses its slot and its transaction, and can write nothing when it wakes up", async () => {
  let lateWrite: Promise<string> | undefined;
  let wakeUp = () => {};
  const hung = createdEvent();
  const next = createdEvent();
  const handled: string[] = [];
  let runs = 0;
  stop = harness.consume([testJob("analytics", async (event, transaction): Promise<JobOutcome> => {
    if (event.eventId === hung.eventId && runs++ === 0) {
      await raise(transaction, "a");
      await new Promise<void>((resolve) => (wakeUp = resolve));
      lateWrite = (async () => await raise(transaction, "a"))().then(() => "written", (error) => error.message);
    }
    handled.push(event.eventId);
    return applied;
  })], { jobTimeoutMs: 200, concurrency: 1 });
  const before = await valueOf("a");
  await harness.publish(hung);
  await harness.publish(next);
  await eventually(() => expect(handled).toEqual(expect.arrayContaining([next.eventId, hung.eventId])));
  wakeUp();
  await eventually(() => expect(lateWrite).toBeDefined());
  expect(await lateWrite).toBe("analytics did not finish within 200 ms");
  expect(await valueOf("a")).toBe(before);
});

test("while the database is away no attempt is used up", async () => {
  const event = createdEvent();
  const handled: string[] = [];
  let cuts = 0;
  stop = harness.consume([testJob("analytics", async (received: TestEvent, transaction) => {
    if (cuts++ < 3) await transaction`select pg_terminate_backend(pg_backend_pid())`;
    handled.push(received.eventId);
    return applied;
  })], { retryDelays: [] });
  await harness.publish(event);
  await eventually(() => expect(handled).toEqual([event.eventId]));
  expect(cuts).toBe(4);
});

test("stopping finishes what was begun and leaves nothing unacknowledged", async () => {
  const handled: string[] = [];
  const halt = harness.consume([testJob("analytics", async (event) => {
    await sleep(100);
    handled.push(event.eventId);
    return applied;
  })], { concurrency: 2 });
  stop = halt;
  const events = [createdEvent(), createdEvent(), createdEvent(), createdEvent()];
  for (const event of events) await harness.publish(event);
  await eventually(() => expect(handled.length).toBeGreaterThan(0));
  await halt();
  const depth = await harness.take("apt.created.queue");
  expect(handled.length + (depth ? 1 : 0)).toBe(4);
});
