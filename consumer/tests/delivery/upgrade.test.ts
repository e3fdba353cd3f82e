import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { dlqCommand } from "../../src/delivery/dead-letters/command.ts";
import { upcasters } from "../../src/delivery/upcasters.ts";
import { eventNames, eventVersions, oldestVersions } from "../../src/generated/events.ts";
import { createAnalyticsJob } from "../../src/jobs/analytics/analytics.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createdEvent, settings } from "../support/delivery-harness.ts";
import { createReplayHarness, type ReplayHarness } from "../support/replay-harness.ts";
import { neverPaused } from "../../src/postgres/job-pauses.ts";

const created = eventNames.appointmentCreated;
const today = eventVersions[created];
const oldest = oldestVersions[created];

let harness: ReplayHarness;
const stop = new AbortController();
let storing: Promise<void>;

beforeAll(async () => {
  harness = await createReplayHarness();
  storing = createDeadLetterConsumer({
    job: "analytics",
    queue: harness.topology.analytics,
    connection: harness.connection,
    maxMessageBytes: settings.maxMessageBytes,
    sql: harness.database.sql,
    pauses: neverPaused,
    log: createLogger("silent"),
    now: () => new Date(),
  }).run(stop.signal);
  harness.consume([createAnalyticsJob()]);
});
afterAll(async () => {
  stop.abort();
  await storing;
  await harness.close();
});

/** What waits in the dead letters, by reason. */
async function reasons(): Promise<Record<string, string>> {
  const rows = await harness.database.sql`
    select reason, event_key as "eventId" from dead_letters where state = 'stored'`;
  return Object.fromEntries(rows.map(({ eventId, reason }) => [eventId, reason]));
}

async function booked({ aggregateId }: { aggregateId: string }): Promise<number> {
  return (await harness.database.sql`select from analytics_bookings where appointment_id = ${aggregateId}`).count;
}

test("an event of a version that is not known yet is a dead letter, and takes effect when it is replayed after the upgrade", async () => {
  onTestFinished(() => {
    eventVersions[created] = today;
    delete upcasters[created];
  });
  // The consumer before the upgrade: a version behind, and without the step to the oldest version that it reads.
  eventVersions[created] = today - 1;
  const newer = createdEvent({ version: today });
  const { doctorId, ...payload } = createdEvent().payload;
  const older = createdEvent({ version: oldest - 1, payload: { ...payload, doctor: doctorId } });
  for (const event of [newer, older]) await harness.publish(event);
  const expected = { [newer.eventId]: "newer-version", [older.eventId]: "unknown-version" };
  await expect.poll(reasons, { timeout: 60_000 }).toEqual(expected);

  eventVersions[created] = today;
  upcasters[created] = {
    [oldest - 1]({ payload, ...event }) {
      const { doctor, ...others } = payload as Record<string, unknown>;
      return { ...event, payload: { ...others, doctorId: doctor } };
    },
  };
  expect((await harness.run(dlqCommand, ["replay", "--all"])).code).toBe(0);
  for (const event of [newer, older]) await expect.poll(() => booked(event), { timeout: 60_000 }).toBe(1);
  expect(await reasons()).toEqual({});
});
