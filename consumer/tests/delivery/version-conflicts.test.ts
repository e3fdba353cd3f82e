import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { createJobRunner } from "../../src/delivery/run-job.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { type AllJobs, startAllJobs } from "../support/all-jobs.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase } from "../support/test-database.ts";
import { doctorUpdated, historyOf, type Told } from "../support/restored-history.ts";

let all: AllJobs;
const now = () => new Date();

beforeAll(async () => {
  all = await startAllJobs();
  await all.tell(doctorUpdated(1, "2026-04-01T08:00:00Z"));
  await eventually(async () => expect(await all.namesOfDoctor()).toEqual(["version 1", "Europe/Berlin"]));
});
afterAll(() => all.close());

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
  await all.tell(...lost);
  await all.handledByAll(lost);
  const before = await all.known(history.aggregateId);
  expect(await all.answers(lost)).not.toContainEqual(expect.stringContaining("version-conflict"));

  const told = telling(after);
  await all.tell(...told);
  await all.handledByAll(told);
  const conflicts = ["availability", "calendar", "notifications"].flatMap((job) => (
    told.map(() => `${job} version-conflict`)
  ));
  expect(await all.answers(told)).toEqual([...told.map(() => "audit applied"), ...conflicts].sort());
  expect(await all.known(history.aggregateId)).toEqual(before);

  expect(await all.dlq("replay", "--reason", "version-conflict", "--accept")).toBe(0);
  await eventually(async () => expect(await all.known(history.aggregateId)).toMatchObject(settled));
  await all.handledByAll(told);
  expect(await all.harness.database.sql`select from version_conflicts`).toHaveLength(0);

  // Nobody is asked twice, and a repetition of what was lost changes nothing.
  const next = after.contact("later@example.org");
  await all.tell(...lost, ...told, next);
  await all.handledByAll([...told, next]);
  expect(await all.answers([next])).not.toContainEqual(expect.stringContaining("version-conflict"));
  expect(await all.known(history.aggregateId)).toMatchObject({ ...settled, contact: "later@example.org" });
  await all.handledByAll(lost);
});

test("a doctor told again under a lost version is a conflict, too", async () => {
  await all.tell(doctorUpdated(2, "2026-04-01T09:00:00Z", { name: "lost", timeZone: "Europe/Paris" }));
  await eventually(async () => expect(await all.namesOfDoctor()).toEqual(["lost", "Europe/Paris"]));
  const told = doctorUpdated(2, "2026-04-01T09:30:00Z", { name: "told", timeZone: "Europe/Rome" });
  await all.tell(told);
  await eventually(async () => (
    expect(await all.answers([told])).toEqual([
      "audit applied",
      "availability version-conflict",
      "notifications version-conflict",
    ])
  ));
  await all.dlq("replay", "--reason", "version-conflict", "--accept");
  await eventually(async () => expect(await all.namesOfDoctor()).toEqual(["told", "Europe/Rome"]));
});

test("a booking told again under a lost version is counted as it was told last", async () => {
  const history = historyOf();
  const [lost, told] = [history.created(), history.restored({ to: 0 }).created("2030-05-06T12:00:00Z")];
  await all.tell(lost);
  await all.handledByAll([lost]);
  await all.tell(told);
  await all.handledByAll([told]);
  expect(await all.answers([told])).toContain("analytics version-conflict");
  await all.dlq("replay", "--reason", "version-conflict", "--accept");
  const bookings = () =>
    all.harness.database.sql`
    select starts_at as at from analytics_bookings where appointment_id = ${history.aggregateId}`;
  await eventually(async () => expect(await bookings()).toEqual([{ at: new Date("2030-05-06T12:00:00Z") }]));
  await eventually(async () => expect(await all.known(history.aggregateId)).toMatchObject(at12));
});

test("what was lost and comes late takes no place; discarded, it holds nothing up", async () => {
  const history = historyOf();
  const booked = history.created();
  const after = history.restored();
  const [late, told] = [history.moved(11), after.moved(12)];
  await all.tell(booked, told);
  await all.handledByAll([booked, told]);
  const refused = ["availability", "calendar", "notifications"].map((job) => `${job} version-conflict`);
  await all.tell(late);
  await eventually(async () => expect(await all.answers([late])).toEqual(["audit applied", ...refused]));
  await all.dlq("replay", "--reason", "version-conflict", "--accept");
  await eventually(async () => expect(await all.answers([late])).toEqual(["audit applied", ...refused]));
  expect(await all.known(history.aggregateId)).toMatchObject(at12);

  await all.dlq("discard", "--reason", "version-conflict", "--why", "lost by the restore");
  const next = after.contact("new@example.org");
  await all.tell(next);
  await eventually(async () =>
    expect(await all.known(history.aggregateId)).toMatchObject({ contact: "new@example.org" })
  );
});

test.each(["availability", "calendar", "notifications"])(
  "of two events with one version at the same moment, %s handles one",
  async (name) => {
    const history = historyOf();
    const after = history.restored({ to: 0 });
    const job = all.jobs.find((one) => one.name === name)!;
    const runJob = createJobRunner({ sql: all.harness.database.sql, job, timeoutMs: 5_000, now, onWrite: () => {} });
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
  for (const job of all.jobs) {
    const runJob = createJobRunner({ sql, job, timeoutMs: 5_000, now, onWrite: () => {} });
    const told = job.name === "analytics" ? [booked] : [doctorUpdated(1, "2026-04-01T08:00:00Z"), booked, lost];
    for (const event of told) await runJob({ event, eventKey: event.eventId, correlationId: undefined });
  }
  const versions = () =>
    sql`
    select job, event_key, aggregate_version, told_at from inbox
    where job <> 'audit' and event_key in ${sql([booked, lost].map(({ eventId }) => eventId))}
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
  await all.tell(first as Told, { ...first, eventId: randomUUID() } as Told);
  await eventually(async () => expect(await all.known(first.aggregateId)).toMatchObject({ slots: "10:00 booked" }));
  expect(await all.answers([first as Told])).not.toContainEqual(expect.stringContaining("version-conflict"));
});
