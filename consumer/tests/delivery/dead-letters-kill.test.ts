import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { PermanentError } from "../../src/delivery/permanent-error.ts";
import { queues } from "../../src/generated/topology.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { startProcess } from "../support/consumer-process.ts";
import {
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  settings,
  testJob,
} from "../support/delivery-harness.ts";
import { neverPaused } from "../../src/postgres/job-pauses.ts";

const queue = "apt.created.queue";
const letters = 60;

let harness: DeliveryHarness;
let eventIds: string[];
/** Whatever the queue has held since the test began. */
let queued: Set<string>;

beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
});
afterAll(() => harness.close());

beforeEach(async () => {
  await harness.database.sql`delete from dead_letters`;
  queued = new Set();
  const events = Array.from({ length: letters }, () => createdEvent());
  eventIds = events.map((event) => event.eventId);
  const giveUp = harness.consume([testJob("analytics", () => Promise.reject(new PermanentError("poison", "never")))]);
  const stopStoring = new AbortController();
  const storing = createDeadLetterConsumer({
    job: "analytics",
    queue: harness.topology.analytics,
    connection: harness.connection,
    maxMessageBytes: settings.maxMessageBytes,
    sql: harness.database.sql,
    pauses: neverPaused,
    log: createLogger("silent"),
    now: () => new Date(),
  }).run(stopStoring.signal);
  for (const event of events) await harness.publish(event);
  await expect.poll(async () => (await inState("stored")).length, { timeout: 60_000 }).toBe(letters);
  stopStoring.abort();
  await Promise.all([giveUp(), storing]);
});

async function inState(state: string): Promise<string[]> {
  const rows = await harness.database.sql`select event_key from dead_letters where state = ${state}`;
  return rows.map((row) => row.event_key);
}

function startReplay() {
  const replay = startProcess("src/cli.ts", {
    AMQP_URL: harness.vhost.amqpUrl,
    DATABASE_URL: harness.database.url,
    JOBS: "none",
  }, ["dlq", "replay", "--all", "--rate", "1000"]);
  onTestFinished(() => void replay.child.kill("SIGKILL"));
  return replay;
}

/** Nothing is in neither place, and what is marked as replayed is in the queue. */
async function expectNoneLost() {
  for (let message; (message = await harness.take(queue)) !== undefined;) {
    queued.add(JSON.parse(message.content.toString()).eventId);
  }
  const stored = await inState("stored");
  expect([...queued, ...stored]).toEqual(expect.arrayContaining(eventIds));
  expect([...queued]).toEqual(expect.arrayContaining(await inState("replayed")));
}

test("a replay that is killed between the broker's confirm and its mark leaves the dead letter in both places", async () => {
  const { sql } = harness.database;
  const lock = await sql.reserve();
  onTestFinished(() => lock.release());
  await lock`begin`;
  await lock`lock table audit_outcomes in exclusive mode`;
  const { child, exited } = startReplay();
  await expect.poll(
    () => sql`select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
    { timeout: 60_000 },
  ).toHaveLength(1);
  child.kill("SIGKILL");
  await exited;
  await lock`rollback`;

  await expect.poll(() => inState("stored"), { timeout: 60_000 }).toHaveLength(letters);
  await expectNoneLost();
  expect(queued.size).toBe(1);
});

test("replays that are killed at any moment lose no dead letter, and the next one goes on", async () => {
  for (const linesUntilKill of [1, 4, 9, 15]) {
    const { child, exited, output } = startReplay();
    await expect.poll(() => output.length, { timeout: 60_000, interval: 1 }).toBeGreaterThanOrEqual(linesUntilKill);
    await sleep(Math.random() * 5);
    child.kill("SIGKILL");
    await exited;
    await expectNoneLost();
  }
  expect(await inState("stored")).not.toEqual([]);

  expect(await startReplay().exited).toBe(0);
  expect(await inState("replayed")).toHaveLength(letters);
  await expectNoneLost();
}, 60_000);
