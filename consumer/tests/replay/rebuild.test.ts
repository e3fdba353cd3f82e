import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { newestPending, untilArchived } from "../../src/replay/until-archived.ts";
import { queues } from "../../src/generated/topology.ts";
import { createAnalyticsJob } from "../../src/jobs/analytics/analytics.ts";
import { createAvailabilityJob } from "../../src/jobs/availability/availability.ts";
import { createdEvent } from "../support/delivery-harness.ts";
import { eventually } from "../support/eventually.ts";
import { createReplayHarness, replayCommand, type ReplayHarness } from "../support/replay-harness.ts";

let harness: ReplayHarness;
let stop = () => Promise.resolve();

beforeAll(async () => {
  harness = await createReplayHarness();
});
beforeEach(() => {
  harness.archive.events.length = 0;
  harness.archive.pending.length = 0;
});
afterEach(() => stop());
afterAll(() => harness.close());

test("an archive that refuses is named, and nothing is emptied", async () => {
  await harness.database.sql`insert into inbox values ('availability', 'e-1', 'appointment.created', 'a-1', 'applied')`;
  const refused = harness.run(replayCommand, ["--job", "availability", "--rebuild"], { PRODUCER_OPS_KEY: "wrong" });
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
  harness.archived(0, doctor);
  const booked = [harness.archived(1), harness.archived(2), harness.archived(3)];
  harness.archived(4, {
    eventName: "appointment.cancelled",
    aggregateId: booked[0]!.aggregateId,
    aggregateVersion: 2,
    eventId: randomUUID(),
  });
  await harness.purge("apt.availability.queue");
  stop = harness.consume([createAvailabilityJob(), createAnalyticsJob()]);
  const { exchange } = queues.availability.retry;
  for (const { body, eventName } of harness.archive.events) {
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
  await eventually(async () => expect(await harness.database.sql`select from inbox`).toHaveLength(5 + 3));
  const before = await tables();
  expect(before.map((rows) => rows.length)).toEqual([1, 3, 3]);

  await harness.database.sql`update availability_visits set status = 'completed'`;
  for (const job of ["availability", "analytics"]) {
    expect((await harness.replay("--job", job, "--rebuild")).code).toBe(0);
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

  await expect(harness.replay("--job", "analytics", "--rebuild")).rejects.toThrow("archive is empty");
  expect(await left()).toHaveLength(6);
  harness.archived(0);
  for (const job of ["availability", "analytics"]) await harness.replay("--job", job, "--rebuild");
  expect(await left()).toEqual(["dr-old", old, old].sort());
}, 60_000);

test("an event that the job had before it is archived is not lost by a rebuild", async () => {
  const [archived, late] = [harness.archived(1), createdEvent()];
  const booked = async () => {
    const rows = await harness.database.sql`
      select appointment_id as id from analytics_bookings where appointment_id in ${
      harness.database.sql([archived.aggregateId, late.aggregateId])
    }`;
    return new Set(rows.map((row) => row.id));
  };
  const both = new Set([archived.aggregateId, late.aggregateId]);
  harness.archive.pending.push(1, 2, 3, 4, 5);
  stop = harness.consume([createAnalyticsJob()]);
  for (const event of [archived, late]) {
    await harness.publish(event, {}, queues.analytics.retry.exchange, queues.analytics.name);
  }
  await eventually(async () => expect(await booked()).toEqual(both));

  const rebuilding = harness.replay("--job", "analytics", "--rebuild");
  await eventually(async () => expect(await booked()).toEqual(new Set([archived.aggregateId])));
  // Later than any round of the queue: the relay waits for the confirms of the others in its batch.
  await sleep(4_000);
  const publishedAt = new Date().toISOString();
  harness.archive.events.push({ ...late, publishedAt, body: JSON.stringify(late) });
  harness.archive.pending.splice(0, 5, 6);
  await rebuilding;
  await eventually(async () => expect(await booked()).toEqual(both));
}, 60_000);

test("what never leaves the outbox is waited for until the deadline only", async () => {
  harness.archive.pending.push(1, 2, 3, 4);
  const newest = await newestPending(harness.archive);
  expect(newest).toBe(4);
  harness.archive.pending.splice(1, 3);
  const started = Date.now();
  await untilArchived(harness.archive, newest, started + 700);
  expect(Date.now() - started).toBeGreaterThanOrEqual(700);
});
