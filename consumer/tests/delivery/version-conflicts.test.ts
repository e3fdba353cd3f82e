import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from "vitest";
import { readConfig } from "../../src/config.ts";
import { dlqCommand } from "../../src/delivery/dead-letters/command.ts";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { createJobRunner } from "../../src/delivery/run-job.ts";
import { createJobs } from "../../src/effects.ts";
import type { JobName } from "../../src/generated/jobs.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createDeliveryHarness, type DeliveryHarness, settings } from "../support/delivery-harness.ts";
import { createTestDatabase } from "../support/test-database.ts";
import { doctorId, doctorUpdated, historyOf, type Told } from "../support/restored-history.ts";

let harness: DeliveryHarness;
const stopped = new AbortController();
const running: Promise<void>[] = [];
const log = createLogger("silent");
const now = () => new Date();

const config = () =>
  readConfig({
    DATABASE_URL: harness.database.url,
    AMQP_URL: harness.vhost.amqpUrl,
    SMTP_URL: "smtp://127.0.0.1:1",
    MAIL_FROM: "clinic@clinic.example",
  });
const jobsOf = () => (
  createJobs(config())
);

beforeAll(async () => {
  harness = await createDeliveryHarness();
  harness.consume(jobsOf());
  for (const job of Object.keys(harness.topology) as JobName[]) {
    const { connection, database: { sql } } = harness;
    const { maxMessageBytes } = settings;
    const queue = harness.topology[job];
    running.push(
      createDeadLetterConsumer({ job, queue, connection, maxMessageBytes, sql, log, now }).run(stopped.signal),
    );
  }
  await tell(doctorUpdated(1, "2026-04-01T08:00:00Z"));
  await eventually(async () => expect(await namesOfDoctor()).toEqual(["version 1", "Europe/Berlin"]));
});
afterAll(async () => {
  stopped.abort();
  await Promise.all(running);
  await harness.close();
});

async function eventually(assertion: () => Promise<void> | void) {
  await vi.waitFor(assertion, { timeout: 25_000, interval: 25 });
}

async function tell(...events: Told[]) {
  for (const event of events) await harness.publish(event, {}, undefined, event.eventName);
}

async function dlq(...args: string[]) {
  const print = () => {};
  return await dlqCommand.run(args, { config: config(), openDatabase: () => harness.database.sql, print, note: print });
}

/** What the jobs have answered to an event; the audit has its rows beside. */
async function answers(events: Told[]): Promise<string[]> {
  const rows = await harness.database.sql<{ text: string }[]>`
    select job || ' ' || outcome as text from inbox where event_key in ${harness.database.sql(ids(events))}
    union all
    select job || ' ' || reason from dead_letters
    where state = 'stored' and event_key in ${harness.database.sql(ids(events))}
    order by 1`;
  return rows.map(({ text }) => text);
}
const ids = (events: Told[]) => events.map(({ eventId }) => eventId);

async function handledByAll(events: Told[]) {
  const jobs = events.map(({ eventName }) => eventName === "appointment.created" ? 5 : 4);
  const expected = jobs.reduce((sum, count) => sum + count, 0);
  await eventually(async () => expect(await answers(events)).toHaveLength(expected));
}

async function namesOfDoctor(): Promise<(string | undefined)[]> {
  const { sql } = harness.database;
  const [row] = await sql<{ name: string; zone: string }[]>`
    select name, availability_doctors.time_zone as zone
    from notification_doctors join availability_doctors using (doctor_id) where doctor_id = ${doctorId}`;
  return [row?.name, row?.zone];
}

/** Where each job that goes by versions has the visit, and whether it takes place. */
async function known(appointmentId: string) {
  const { sql } = harness.database;
  const [row] = await sql<[Record<"slots" | "calendar" | "entry" | "told" | "contact", string | null>]>`
    select
      (select to_char(starts_at at time zone 'UTC', 'HH24:MI ') || status from availability_visits
        where appointment_id = ${appointmentId}) as slots,
      (select to_char(starts_at at time zone 'UTC', 'HH24:MI ') || case when cancelled then 'cancelled' else 'booked' end
        from calendar_visits where appointment_id = ${appointmentId}) as calendar,
      (select substring(content from 'DTSTART[^T]*T([0-9]{4})') from calendar_intents
        where appointment_id = ${appointmentId}) as entry,
      (select to_char(starts_at at time zone 'UTC', 'HH24:MI ') || status from notification_visits
        where appointment_id = ${appointmentId}) as told,
      (select patient_email from notification_visits where appointment_id = ${appointmentId}) as contact`;
  return row;
}

const at12 = { slots: "12:00 booked", calendar: "12:00 booked", entry: "1200", told: "12:00 booked" };

type History = ReturnType<typeof historyOf>;

/** What was told and then lost by a restore to version 1, and what the producer told after it. */
const restores: [string, (lost: History) => Told[], (after: History) => Told[], Record<string, string>][] = [
  ["a move", (lost) => [lost.moved(11)], (after) => [after.moved(12)], at12],
  ["two moves", (lost) => [lost.moved(11), lost.moved(13)], (after) => [after.moved(12)], at12],
  ["a move, and then a second", (lost) => [lost.moved(11)], (after) => [after.moved(11), after.moved(12)], at12],
  ["more than was told again", (lost) => [lost.moved(11), lost.moved(13), lost.contact(), lost.cancelled()], (
    after,
  ) => [after.moved(12)], at12],
  ["a cancellation", (lost) => [lost.cancelled()], (after) => [after.moved(12)], at12],
  ["an arrival", (lost) => [lost.arrived()], (after) => [after.moved(12)], at12],
  ["a move, for a new address and a move", (lost) => [lost.moved(11), lost.moved(13)], (after) => [
    after.contact("new@example.org"),
    after.moved(12),
  ], { ...at12, contact: "new@example.org" }],
  ["a move, for a cancellation", (lost) => [lost.moved(11)], (after) => [after.moved(12), after.cancelled()], {
    slots: "12:00 cancelled",
    calendar: "12:00 cancelled",
    told: "12:00 cancelled",
  }],
];

test.each(restores)("a restore that loses %s: a conflict in every job, settled by one command", async (
  _,
  losing,
  telling,
  settled,
) => {
  const history = historyOf();
  const booked = history.created();
  const after = history.restored();
  const lost = [booked, ...losing(history)];
  await tell(...lost);
  await handledByAll(lost);
  const before = await known(history.aggregateId);
  expect(await answers(lost)).not.toContainEqual(expect.stringContaining("version-conflict"));

  const told = telling(after);
  await tell(...told);
  await handledByAll(told);
  const conflicts = ["availability", "calendar", "notifications"].flatMap((job) => (
    told.map(() => `${job} version-conflict`)
  ));
  expect(await answers(told)).toEqual([...told.map(() => "audit applied"), ...conflicts].sort());
  expect(await known(history.aggregateId)).toEqual(before);

  expect(await dlq("replay", "--reason", "version-conflict", "--accept")).toBe(0);
  await eventually(async () => expect(await known(history.aggregateId)).toMatchObject(settled));
  await handledByAll(told);
  expect(await harness.database.sql`select from version_conflicts`).toHaveLength(0);

  // Nobody is asked twice, and a repetition of what was lost changes nothing.
  const next = after.contact("later@example.org");
  await tell(...lost, ...told, next);
  await handledByAll([...told, next]);
  expect(await answers([next])).not.toContainEqual(expect.stringContaining("version-conflict"));
  expect(await known(history.aggregateId)).toMatchObject({ ...settled, contact: "later@example.org" });
  await handledByAll(lost);
});

test("a doctor told again under a lost version is a conflict, too", async () => {
  await tell(doctorUpdated(2, "2026-04-01T09:00:00Z", { name: "lost", timeZone: "Europe/Paris" }));
  await eventually(async () => expect(await namesOfDoctor()).toEqual(["lost", "Europe/Paris"]));
  const told = doctorUpdated(2, "2026-04-01T09:30:00Z", { name: "told", timeZone: "Europe/Rome" });
  await tell(told);
  await eventually(async () => (
    expect(await answers([told])).toEqual([
      "audit applied",
      "availability version-conflict",
      "notifications version-conflict",
    ])
  ));
  await dlq("replay", "--reason", "version-conflict", "--accept");
  await eventually(async () => expect(await namesOfDoctor()).toEqual(["told", "Europe/Rome"]));
});

test("a booking told again under a lost version is counted as it was told last", async () => {
  const history = historyOf();
  const [lost, told] = [history.created(), history.restored({ to: 0 }).created("2030-05-06T12:00:00Z")];
  await tell(lost);
  await handledByAll([lost]);
  await tell(told);
  await handledByAll([told]);
  expect(await answers([told])).toContain("analytics version-conflict");
  await dlq("replay", "--reason", "version-conflict", "--accept");
  const bookings = () =>
    harness.database.sql`
    select starts_at as at from analytics_bookings where appointment_id = ${history.aggregateId}`;
  await eventually(async () => expect(await bookings()).toEqual([{ at: new Date("2030-05-06T12:00:00Z") }]));
  await eventually(async () => expect(await known(history.aggregateId)).toMatchObject(at12));
});

test("what was lost and comes late takes no place; discarded, it holds nothing up", async () => {
  const history = historyOf();
  const booked = history.created();
  const after = history.restored();
  const [late, told] = [history.moved(11), after.moved(12)];
  await tell(booked, told);
  await handledByAll([booked, told]);
  const refused = ["availability", "calendar", "notifications"].map((job) => `${job} version-conflict`);
  await tell(late);
  await eventually(async () => expect(await answers([late])).toEqual(["audit applied", ...refused]));
  await dlq("replay", "--reason", "version-conflict", "--accept");
  await eventually(async () => expect(await answers([late])).toEqual(["audit applied", ...refused]));
  expect(await known(history.aggregateId)).toMatchObject(at12);

  await dlq("discard", "--reason", "version-conflict", "--why", "lost by the restore");
  const next = after.contact("new@example.org");
  await tell(next);
  await eventually(async () => expect(await known(history.aggregateId)).toMatchObject({ contact: "new@example.org" }));
});

test.each(["availability", "calendar", "notifications"])(
  "of two events with one version at the same moment, %s handles one",
  async (name) => {
    const history = historyOf();
    const after = history.restored({ to: 0 });
    const job = jobsOf().find((one) => one.name === name)!;
    const runJob = createJobRunner({ sql: harness.database.sql, job, timeoutMs: 5_000, now, onWrite: () => {} });
    const results = await Promise.allSettled([history.created(), after.created()].map((event) => (
      runJob({ event, eventKey: event.eventId, correlationId: undefined })
    )));
    expect(results.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(results.find(({ status }) => status === "rejected")).toMatchObject({
      reason: { reason: "version-conflict" },
    });
  },
);

test("which event was handled under which version is known of the time before this was kept, too", async () => {
  const database = await createTestDatabase();
  onTestFinished(() => database.drop());
  const { sql } = database;
  const history = historyOf();
  const [booked, lost] = [history.created(), history.moved(11)];
  for (const job of jobsOf()) {
    const runJob = createJobRunner({ sql, job, timeoutMs: 5_000, now, onWrite: () => {} });
    const told = job.name === "analytics" ? [booked] : [doctorUpdated(1, "2026-04-01T08:00:00Z"), booked, lost];
    for (const event of told) await runJob({ event, eventKey: event.eventId, correlationId: undefined });
  }
  const versions = () =>
    sql`
    select job, event_key, aggregate_version, told_at from inbox
    where job <> 'audit' and event_key in ${sql(ids([booked, lost]))}
    order by job, event_key`;
  const before = await versions();
  expect(before).toHaveLength(3 * 2 + 1);

  await sql`drop table version_conflicts`;
  await sql`alter table inbox drop column aggregate_version, drop column told_at`;
  await sql`delete from schema_migrations where name like '036%'`;
  // As the release before would have handled it.
  await sql`
    insert into inbox (job, event_key, event_name, aggregate_id, outcome, processed_at)
    select job, upper(event_key), event_name, aggregate_id, outcome, processed_at from inbox`;
  expect(await migrate(sql)).toHaveLength(1);
  expect(await versions()).toEqual(before);
});

test("an event without a version is in no conflict", async () => {
  const { aggregateVersion: _, ...first } = historyOf().created();
  await tell(first as Told, { ...first, eventId: randomUUID() } as Told);
  await eventually(async () => expect(await known(first.aggregateId)).toMatchObject({ slots: "10:00 booked" }));
  expect(await answers([first as Told])).not.toContainEqual(expect.stringContaining("version-conflict"));
});
