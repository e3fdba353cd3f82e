import { afterAll, beforeAll, expect, test } from "vitest";
import { queues } from "../../src/generated/topology.ts";
import { type ConsumerProcess, startProcess } from "../support/consumer-process.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "../support/delivery-harness.ts";

const events = 400;

let harness: DeliveryHarness;
let current: ConsumerProcess | undefined;

beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
});
afterAll(async () => {
  current?.child.kill("SIGKILL");
  await harness.close();
});

function start(): ConsumerProcess {
  return current = startProcess("src/main.ts", {
    AMQP_URL: harness.vhost.amqpUrl,
    DATABASE_URL: harness.database.url,
    JOBS: "analytics,availability",
    OPS_PORT: "0",
  });
}

async function kill({ child, exited }: ConsumerProcess): Promise<void> {
  child.kill("SIGKILL");
  await exited;
}

test("of a batch whose process is killed nothing is lost, and nothing takes effect twice", async () => {
  const { sql } = harness.database;
  const processed = async () => (await sql`select from inbox`).length;
  const published = Array.from({ length: events }, () => createdEvent({ aggregateVersion: 1 }));
  for (const event of published) await harness.publish(event);

  // Before the commit: the batches have claimed their events, and cannot save what they have decided.
  await sql.begin(async (transaction) => {
    await transaction`lock table audit_outcomes in exclusive mode`;
    const consumer = start();
    const waiting = () => sql`select from pg_locks where not granted and relation = 'audit_outcomes'::regclass`;
    await expect.poll(async () => (await waiting()).length, { timeout: 60_000 }).toBeGreaterThan(1);
    expect(await processed()).toBe(0);
    await kill(consumer);
  });
  expect(await processed()).toBe(0);

  // After a commit, and perhaps before what it acknowledges has come to the broker.
  const second = start();
  await expect.poll(processed, { timeout: 60_000, interval: 5 }).toBeGreaterThan(0);
  await kill(second);

  start();
  await expect.poll(processed, { timeout: 120_000 }).toBe(2 * events);
  const effects = await sql`
    select job, count(*)::int as applied, count(distinct event_key)::int as events
    from audit_outcomes where action = 'applied' group by job order by job`;
  expect(effects).toEqual(["analytics", "availability"].map((job) => ({ job, applied: events, events })));
  expect(await sql`select from analytics_bookings`).toHaveLength(events);
  expect(await sql`select from availability_visits where status = 'booked'`).toHaveLength(events);
  expect(await sql`select from dead_letters`).toHaveLength(0);
}, 400_000);
