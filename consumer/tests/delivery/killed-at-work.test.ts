import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConsumerProcess, startProcess } from "../support/consumer-process.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "../support/delivery-harness.ts";

const kills = Number(process.env.KILLS ?? 6);
const slowMs = 1_500;

let harness: DeliveryHarness;
let current: ConsumerProcess | undefined;

beforeAll(async () => {
  harness = await createDeliveryHarness();
});
afterAll(async () => {
  current?.child.kill("SIGKILL");
  await harness.close();
});

/** The process that is at work on the message: the consumer, or one of its own. */
async function workedOnBy({ lines }: ConsumerProcess): Promise<number> {
  const atWork = () => lines.find(({ msg }) => msg === "at work")?.process;
  await expect.poll(atWork, { timeout: 30_000, interval: 20 }).toBeDefined();
  return atWork() as number;
}

test(`a slow message whose process is killed ${kills} times from outside takes effect once and is no dead letter`, {
  timeout: 60_000 + kills * 20_000,
}, async () => {
  const { sql } = harness.database;
  const payload = { ...createdEvent().payload, doctorId: `slow-${slowMs}` };
  const slow = createdEvent({ payload });
  await harness.publish(slow);
  const start = () =>
    startProcess("tests/support/crashing-consumer.ts", {
      AMQP_URL: harness.vhost.amqpUrl,
      DATABASE_URL: harness.database.url,
    });
  for (let kill = 0; kill < kills; kill++) {
    current = start();
    await workedOnBy(current);
    await sleep(Math.random() * slowMs * 0.6);
    current.signal(kill % 2 === 0 ? "SIGKILL" : "SIGTERM");
    await current.exited;
    expect(await sql`select from effects`, "the process was killed too late").toHaveLength(0);
  }
  // The first start is one of a message that was not suspected.
  expect(await sql`select starts from unfinished_starts`).toEqual([{ starts: kills - 1 }]);

  current = start();
  const apart = await workedOnBy(current);
  expect(apart).not.toBe(current.child.pid);
  // As whoever stops a whole group of processes does.
  process.kill(apart, "SIGTERM");
  await expect.poll(() => sql`select event_id from effects`, { timeout: 30_000 }).toEqual([{ event_id: slow.eventId }]);
  await expect.poll(() => sql`select from unfinished_starts`, { timeout: 10_000 }).toHaveLength(0);
  expect(await sql`select event_key from inbox`).toEqual([{ event_key: slow.eventId }]);
  expect(current.lines.map(({ msg }) => msg)).not.toContain(
    "suspect message: its separate process ended while handling it",
  );
  expect(await harness.take("apt.created.dlq")).toBeUndefined();
  expect(await harness.take("apt.created.queue")).toBeUndefined();
});
