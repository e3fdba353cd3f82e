import { afterAll, beforeAll, expect, test } from "vitest";
import type { Publisher } from "../../src/broker/publisher.ts";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  testJob,
} from "../support/delivery-harness.ts";

const queues = ["apt.created.queue", "apt.audit.queue"];
let harness: DeliveryHarness;

beforeAll(async () => {
  harness = await createDeliveryHarness();
});
afterAll(() => harness.close());

async function publish(count: number): Promise<string[]> {
  const events = Array.from({ length: count }, () => createdEvent());
  for (const event of events) await harness.publish(event);
  return events.map((event) => event.eventId);
}

/** Takes everything and gives it back unfinished, as a process that dies. */
async function takeAndDie(count: number): Promise<void> {
  const channel = await (await harness.connection.current(AbortSignal.timeout(5_000))).createChannel();
  let taken = 0;
  for (const queue of queues) await channel.consume(queue, () => void (taken += 1));
  await expect.poll(() => taken, { timeout: 60_000 }).toBe(queues.length * count);
  await channel.close();
}

test("a redelivered message runs alone: nothing of any job runs beside it", async () => {
  const redelivered = new Set(await publish(6));
  await takeAndDie(6);
  await publish(12);

  const running = new Map<string, string>();
  const beside: string[][] = [];
  let most = 0;
  let done = 0;
  const jobs = (["analytics", "audit"] as const).map((name) =>
    testJob(name, async ({ eventId }, transaction) => {
      const key = `${name} ${eventId}`;
      running.set(key, eventId);
      most = Math.max(most, running.size);
      if (running.size > 1 && [...running.values()].some((id) => redelivered.has(id))) beside.push([...running.keys()]);
      await transaction`select pg_sleep(0.02)`;
      running.delete(key);
      done += 1;
      return applied;
    })
  );
  const stop = harness.consume(jobs);
  await expect.poll(() => done, { timeout: 60_000 }).toBe(36);
  expect(beside).toEqual([]);
  expect(most).toBeGreaterThan(1);
  await stop();
});

test("a redelivered message whose retry the broker refuses holds up no other job", async () => {
  const [held] = await publish(1);
  await takeAndDie(1);
  let refusing = true;
  const publisher: Publisher = {
    publish: (publication) =>
      refusing ? Promise.reject(new Error("message nacked")) : harness.publisher.publish(publication),
  };
  const handled: string[] = [];
  const stop = harness.consume([
    testJob("analytics", () => Promise.reject(new Error("not now"))),
    testJob("audit", ({ eventId }) => {
      handled.push(eventId);
      return Promise.resolve(applied);
    }),
  ], { publisher });
  const [next] = await publish(1);
  await expect.poll(() => handled, { timeout: 60_000 }).toEqual(expect.arrayContaining([held, next]));
  refusing = false;
  await stop();
});
