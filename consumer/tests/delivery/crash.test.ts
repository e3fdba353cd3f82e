import { afterAll, beforeAll, expect, test } from "vitest";
import { type ConsumerProcess, startProcess } from "../support/consumer-process.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "../support/delivery-harness.ts";

let harness: DeliveryHarness;
let current: ConsumerProcess | undefined;

beforeAll(async () => {
  harness = await createDeliveryHarness();
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
      NODE_OPTIONS: "--max-old-space-size=128",
      DENO_V8_FLAGS: "--max-old-space-size=128",
    });
    let dead = false;
    current.exited.then(() => (dead = true));
    await expect.poll(async () => dead || await done(), { timeout: 90_000, interval: 50 }).toBe(true);
    if (!dead) return crashes;
  }
}

const ways = ["poison-killed", "poison-aborted", "poison-uncaught", "poison-memory"];

test.for(ways)(
  "a message that takes the process down (%s) ends in the dead letters, and the 19 beside it take effect",
  {
    timeout: 200_000,
  },
  async (doctorId) => {
    const { sql } = harness.database;
    const poison = createdEvent({ payload: { ...createdEvent().payload, doctorId } });
    const innocents = Array.from({ length: 19 }, () => createdEvent());
    const done = async () => (await sql`select event_id from effects`).map((row) => row.event_id);
    const before = await done();
    for (const event of [...innocents.slice(0, 9), poison, ...innocents.slice(9)]) await harness.publish(event);

    let deadLetter: Awaited<ReturnType<DeliveryHarness["take"]>>;
    const crashes = await supervise(async () => {
      deadLetter ??= await harness.take("apt.created.dlq");
      return deadLetter !== undefined && (await done()).length === before.length + 19;
    });

    // Once among the others and once alone; from then on it takes down processes of its own.
    expect(crashes).toBe(2);
    expect(current!.lines.filter(({ msg }) => msg === "suspect message: its separate process ended while handling it"))
      .toHaveLength(3);
    expect(deadLetter!.content.toString()).toBe(JSON.stringify(poison));
    expect(deadLetter!.properties.headers).toMatchObject({ "x-reason": "crashed-process" });
    expect(await harness.take("apt.created.dlq")).toBeUndefined();
    expect((await done()).toSorted()).toEqual([...before, ...innocents.map(({ eventId }) => eventId)].toSorted());
    await expect.poll(() => sql`select * from unfinished_starts`, { timeout: 30_000 }).toHaveLength(0);
    current!.signal("SIGKILL");
    await current!.exited;
  },
);
