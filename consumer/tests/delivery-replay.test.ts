import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { onChannel } from "../src/amqp/topology.ts";
import type { Command } from "../src/cli/command.ts";
import { queuesCommand } from "../src/cli/queues.ts";
import { replayCommand } from "../src/cli/replay.ts";
import { readConfig } from "../src/config.ts";
import { queues } from "../src/generated/topology.ts";
import { createAnalyticsJob } from "../src/jobs/analytics.ts";
import { createAvailabilityJob } from "../src/jobs/availability.ts";
import { type ArchiveStandIn, startArchiveStandIn } from "./support/archive-stand-in.ts";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  testJob,
} from "./support/delivery-harness.ts";

let harness: DeliveryHarness;
let archive: ArchiveStandIn;
let stop = () => Promise.resolve();

beforeAll(async () => {
  [harness, archive] = await Promise.all([createDeliveryHarness(queues), startArchiveStandIn()]);
});
beforeEach(() => {
  archive.events.length = 0;
});
afterEach(() => stop());
afterAll(async () => {
  await archive.close();
  await harness.close();
});

async function eventually(assertion: () => Promise<void> | void) {
  await vi.waitFor(assertion, { timeout: 15_000, interval: 50 });
}

async function run(command: Command, args: string[], variables: Record<string, string> = {}) {
  const printed: string[] = [];
  const code = await command.run(args, {
    config: readConfig({
      DATABASE_URL: harness.database.url,
      AMQP_URL: harness.vhost.amqpUrl,
      JOBS: "none",
      PRODUCER_OPS_URL: archive.url,
      PRODUCER_OPS_KEY: archive.key,
      ...variables,
    }),
    openDatabase: () => harness.database.sql,
    print: (line) => printed.push(line),
    note: () => {},
  });
  return { code, printed };
}

const replay = (...args: string[]) => run(replayCommand, args);

/** An event as the producer published it, `minute` minutes after eight. */
function archived(minute: number, more: Record<string, unknown> = {}) {
  const event = createdEvent({ aggregateVersion: 1, ...more });
  const publishedAt = `2026-03-01T08:${String(minute).padStart(2, "0")}:00.000Z`;
  archive.events.push({ ...event, publishedAt, body: JSON.stringify(event) });
  return event;
}

async function depthOf(queue: string): Promise<number> {
  const model = await harness.connection.current(AbortSignal.timeout(5_000));
  return (await onChannel(model, (channel) => channel.checkQueue(queue))).messageCount;
}

async function purge(queue: string): Promise<void> {
  const model = await harness.connection.current(AbortSignal.timeout(5_000));
  await onChannel(model, (channel) => channel.purgeQueue(queue));
}

const hour = ["--from", "2026-03-01T08:00:00Z", "--to", "2026-03-01T09:00:00Z"];

test("a replay does what was missed, and what was done not again", async () => {
  const events = Array.from({ length: 8 }, (_, minute) => archived(minute));
  const handled: string[] = [];
  stop = harness.consume([testJob("analytics", ({ eventId }) => {
    handled.push(eventId);
    return Promise.resolve(applied);
  })]);
  for (const done of events.slice(0, 3)) await harness.publish(done);
  await eventually(() => expect(handled).toHaveLength(3));
  const { code, printed } = await replay("--job", "analytics", ...hour, "--json");
  expect(code).toBe(0);
  expect(JSON.parse(printed[0]!)).toEqual({
    job: "analytics",
    events: { "appointment.created": 8 },
    rebuilt: false,
    dryRun: false,
  });
  await eventually(() => expect(new Set(handled)).toEqual(new Set(events.map((event) => event.eventId))));
  expect(handled).toHaveLength(8);
  // The other jobs' queues got the three live events and nothing from the replay.
  expect(await depthOf("apt.audit.queue")).toBe(3);
});

test("from, to, type and aggregate choose what is replayed, and a dry run publishes nothing", async () => {
  const chosen = archived(10);
  archived(20);
  archived(30, { eventName: "appointment.cancelled", aggregateId: chosen.aggregateId });
  const before = await depthOf("apt.calendar.queue");
  const of = async (...args: string[]) => {
    const { printed } = await replay("--job", "calendar", "--dry-run", "--json", ...args);
    return JSON.parse(printed[0]!).events;
  };
  expect(await of(...hour)).toEqual({ "appointment.created": 2, "appointment.cancelled": 1 });
  expect(await of(...hour, "--type", "appointment.cancelled")).toEqual({ "appointment.cancelled": 1 });
  expect(await of(...hour, "--aggregate", chosen.aggregateId)).toEqual({
    "appointment.created": 1,
    "appointment.cancelled": 1,
  });
  expect(await of("--from", "2026-03-01T08:10:00Z", "--to", "2026-03-01T08:20:00Z")).toEqual({
    "appointment.created": 1,
  });
  expect(await depthOf("apt.calendar.queue")).toBe(before);
});

test("events that the job doesn't know are left out", async () => {
  archived(1);
  archived(2, { eventName: "appointment.cancelled" });
  const { printed } = await replay("--job", "analytics", ...hour, "--dry-run", "--json");
  expect(JSON.parse(printed[0]!).events).toEqual({ "appointment.created": 1 });
});

test.each([
  [["--job", "cooking", ...hour]],
  [["--job", "audit", "--from", "yesterday", "--to", "2026-03-01T09:00:00Z"]],
  [["--job", "audit"]],
  [["--job", "audit", "--rebuild"]],
  [["--job", "analytics", "--rebuild", ...hour]],
  [["--job", "analytics", ...hour, "--type", "doctor.updated"]],
])("%j is a usage error", async (args) => {
  await expect(replay(...args)).rejects.toMatchObject({ name: "UsageError" });
});

test("an archive that refuses is named, and nothing is emptied", async () => {
  await harness.database.sql`insert into inbox values ('availability', 'e-1', 'appointment.created', 'a-1', 'applied')`;
  const refused = run(replayCommand, ["--job", "availability", "--rebuild"], { PRODUCER_OPS_KEY: "wrong" });
  await expect(refused).rejects.toThrow("answered 401");
  expect(await harness.database.sql`select from inbox where event_key = 'e-1'`).toHaveLength(1);
  await harness.database.sql`delete from inbox`;
});

test("rebuilding a job gives the same tables, while it runs", async () => {
  await harness.database.sql`delete from availability_visits`;
  const doctor = {
    eventName: "doctor.updated",
    aggregateId: "dr-1",
    aggregateVersion: 1,
    payload: {
      name: "Dr One",
      email: "dr-1@example.org",
      timeZone: "Europe/Berlin",
      workingHours: [{ weekday: 1, start: "08:00", end: "12:00" }],
      exceptions: [],
    },
  };
  archived(0, doctor);
  const booked = [archived(1), archived(2), archived(3)];
  archived(4, {
    eventName: "appointment.cancelled",
    aggregateId: booked[0]!.aggregateId,
    aggregateVersion: 2,
    eventId: randomUUID(),
  });
  await purge("apt.availability.queue");
  stop = harness.consume([createAvailabilityJob(), createAnalyticsJob()]);
  const { exchange } = queues.availability.retry;
  for (const { body, eventName } of archive.events) {
    await harness.publish(JSON.parse(body), {}, exchange, "apt.availability.queue");
    if (eventName === "appointment.created") await harness.publish(JSON.parse(body), {}, exchange, "apt.created.queue");
  }
  const tables = async () => [
    await harness.database.sql`select * from availability_doctors order by doctor_id`,
    await harness.database.sql`select * from availability_visits order by appointment_id`,
    await harness.database.sql`select * from analytics_bookings where appointment_id in ${
      harness.database.sql(booked.map((event) => event.aggregateId))
    } order by appointment_id`,
  ];
  await eventually(async () => expect((await tables()).map((rows) => rows.length)).toEqual([1, 3, 3]));
  const before = await tables();
  await eventually(async () => expect(await depthOf("apt.availability.queue")).toBe(0));

  await harness.database.sql`update availability_visits set status = 'completed'`;
  for (const job of ["availability", "analytics"]) {
    expect((await replay("--job", job, "--rebuild")).code).toBe(0);
  }
  await eventually(async () => expect(await tables()).toEqual(before));
}, 60_000);

test("a rebuild keeps what is older than the archive, and an empty archive empties nothing", async () => {
  const { sql } = harness.database;
  const [old, lost] = [randomUUID(), randomUUID()];
  await sql`
    insert into availability_doctors values
      ('dr-old', 'Europe/Berlin', '[]', '[]', 1, '2025-01-01'), ('dr-lost', 'Europe/Berlin', '[]', '[]', 1, '2026-03-02')`;
  await sql`
    insert into availability_visits
      (appointment_id, doctor_id, starts_at, ends_at, place_version, place_at, status, status_version, status_at)
    values
      (${old}, 'dr-old', '2027-01-01', '2027-01-02', 1, '2025-01-01', 'arrived', 2, '2026-03-02'),
      (${lost}, 'dr-old', '2027-01-01', '2027-01-02', 1, '2026-03-02', 'booked', 1, '2026-03-02')`;
  await sql`
    insert into analytics_bookings values
      (${old}, 'dr-old', '2025-01-01', '2027-01-01'), (${lost}, 'dr-old', '2026-03-02', '2027-01-01')`;
  const left = async () =>
    [
      ...(await sql`select doctor_id as id from availability_doctors where doctor_id in ('dr-old', 'dr-lost')`),
      ...(await sql`select appointment_id as id from availability_visits where doctor_id = 'dr-old'`),
      ...(await sql`select appointment_id as id from analytics_bookings where doctor_id = 'dr-old'`),
    ].map((row) => row.id).sort();

  await expect(replay("--job", "analytics", "--rebuild")).rejects.toThrow("archive is empty");
  expect(await left()).toHaveLength(6);
  archived(0);
  for (const job of ["availability", "analytics"]) await replay("--job", job, "--rebuild");
  expect(await left()).toEqual(["dr-old", old, old].sort());
}, 60_000);

test("a queue is recreated with the contract's arguments, its messages kept", async () => {
  const queue = "apt.notifications.queue";
  await purge(queue);
  const events = Array.from({ length: 30 }, () => createdEvent());
  for (const event of events) await harness.publish(event, { headers: { traceparent: "00-1" } });

  const { printed } = await run(queuesCommand, ["recreate", queue, "--json"], { QUEUE_MAX_LENGTH: "40" });
  expect(JSON.parse(printed[0]!)).toEqual({ queue, recreated: true, moves: 60 });
  const reply = await harness.vhost.management("GET", `/api/queues/{vhost}/${queue}`);
  expect((await reply.json() as { arguments: unknown }).arguments).toMatchObject({ "x-max-length": 40 });
  expect(await depthOf(queue)).toBe(30);

  const again = await run(queuesCommand, ["recreate", queue], { QUEUE_MAX_LENGTH: "40" });
  expect(again.printed).toEqual([`${queue} is as it should be`]);
  await purge(queue);
  await harness.publish(createdEvent());
  expect(await depthOf(queue)).toBe(1);
});
