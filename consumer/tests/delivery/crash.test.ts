import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConsumerProcess, startProcess } from "../support/consumer-process.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "../support/delivery-harness.ts";

let harness: DeliveryHarness;
let current: ConsumerProcess | undefined;

beforeAll(async () => {
  harness = await createDeliveryHarness();
  await harness.database.sql`create table effects (event_id text primary key)`;
});
afterAll(async () => {
  current?.child.kill("SIGKILL");
  await harness.close();
});

/** Starts the consumer again whenever it dies, until `done`; answers how often it has died. */
async function supervise(done: () => Promise<boolean>): Promise<number> {
  for (let crashes = 0;; crashes++) {
    current = startProcess("tests/support/crashing-consumer.ts", {
      AMQP_URL: harness.vhost.amqpUrl,
      DATABASE_URL: harness.database.url,
    });
    let dead = false;
    current.exited.then(() => (dead = true));
    await expect.poll(async () => dead || await done(), { timeout: 90_000, interval: 50 }).toBe(true);
    if (!dead) return crashes;
  }
}

test("a message that takes the process down ends in the dead letters, and the 19 beside it take effect", {
  timeout: 400_000,
}, async () => {
  const poison = createdEvent({ payload: { ...createdEvent().payload, doctorId: "poison" } });
  const innocents = Array.from({ length: 19 }, () => createdEvent());
  for (const event of [...innocents.slice(0, 9), poison, ...innocents.slice(9)]) await harness.publish(event);

  let deadLetter: Awaited<ReturnType<DeliveryHarness["take"]>>;
  const crashes = await supervise(async () => {
    deadLetter ??= await harness.take("apt.created.dlq");
    const [row] = await harness.database.sql<{ count: number }[]>`select count(*)::integer as count from effects`;
    return deadLetter !== undefined && row!.count === 19;
  });

  // Once among the others, then three starts of its own that did not finish.
  expect(crashes).toBe(1 + 3);
  expect(deadLetter!.content.toString()).toBe(JSON.stringify(poison));
  expect(deadLetter!.properties.headers).toMatchObject({ "x-reason": "crashed-process" });
  expect(await harness.take("apt.created.dlq")).toBeUndefined();
  await expect.poll(() => harness.database.sql`select * from unfinished_starts`, { timeout: 30_000 }).toHaveLength(0);
});
