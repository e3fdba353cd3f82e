import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { doctorId, doctorUpdated, historyOf } from "../support/restored-history.ts";
import { contentsOf, createReconcileHarness, type ReconcileHarness } from "./reconcile-harness.ts";

let ground: ReconcileHarness;

beforeEach(async () => {
  ground = await createReconcileHarness();
  await ground.tell([doctorUpdated(1, "2026-04-01T09:00:00Z")]);
});
afterEach(() => ground?.close());

async function expectLeft(left: Record<string, number>): Promise<void> {
  const before = await contentsOf(ground.sql, { whole: true });
  const { code, differences, report } = await ground.reconcile("--repair");
  expect({ code, differences, left: report.left }).toEqual({ code: 0, differences: [], left });
  expect(await contentsOf(ground.sql, { whole: true })).toEqual(before);
}

test("an event that was published just now is on its way", async () => {
  const visit = historyOf();
  await ground.tell([visit.created()]);
  await ground.tell([visit.moved(12)], "availability", new Date());
  await expectLeft({ "availability: event: on its way": 1 });
});

test("an event that waits in a retry queue, or is a dead letter, is named as such", async () => {
  const [late, dead] = [historyOf(), historyOf()];
  await ground.tell([late.created(), dead.created()]);
  const [retried, given] = [late.moved(12), dead.moved(12)];
  await ground.tell([retried, given], "availability");
  await ground.sql`
    insert into delivery_delays (job, event_key, kind, retries, waits, first_at, last_at, next_at, reason)
    values ('availability', ${retried.eventId}, 'retry', 1, 0, now(), now(), now() + interval '10 minutes', 'x')`;
  await ground.sql`
    insert into dead_letters (job, reason, event_key, body, properties, headers, delivery_hash)
    values ('availability', 'gap', ${given.eventId}, '', '{}', '{}', ${randomUUID()})`;
  await expectLeft({ "availability: event: in retry": 1, "availability: event: dead letter": 1 });
});

test("what was told by somebody else, or is older than the archive, is no difference", async () => {
  const visit = historyOf();
  const created = visit.created();
  await ground.handle("availability", created);
  await ground.handle("analytics", created);
  await ground.sql`update inbox set processed_at = now() - interval '1 hour'`;
  await expectLeft({
    "analytics: has events that the archive doesn't have": 1,
    "availability: has events that the archive doesn't have": 1,
  });
});

test("a job that is paused is left alone", async () => {
  const visit = historyOf();
  await ground.tell([visit.created()], "analytics");
  await ground.sql`insert into job_pauses (job, lease_until) values ('analytics', now() + interval '1 minute')`;
  await expectLeft({ "analytics: the job is paused": 1 });
});

test("two versions of one event are a person's to decide", async () => {
  const visit = historyOf();
  const created = visit.created();
  await ground.tell([created]);
  await ground.sql`
    insert into version_conflicts (job, aggregate_id, aggregate_version, event_key)
    values ('availability', ${visit.aggregateId}, 1, ${randomUUID()})`;
  await ground.sql`delete from availability_visits`;
  await expectLeft({ "availability: version conflict": 1 });
});

test("an entry that a person left as the doctor changed it is not written over", async () => {
  const visit = historyOf();
  await ground.tell([visit.created()]);
  await ground.settle();
  const path = `${doctorId}/${visit.aggregateId}.ics`;
  ground.calendars.resources.set(path, "the doctor's own");
  await ground.tell([visit.moved(13)]);
  await ground.settle();
  await expectLeft({ "calendar: waits in consumer calendar list": 1 });
  await ground.sql`update calendar_intents set state = 'done'`;
  await expectLeft({ "calendar: a person left the calendar as it is": 1 });
  expect(ground.calendars.resources.get(path)).toBe("the doctor's own");
});

test("a calendar server that is away hides no difference of the jobs, and ends the command with 1", async () => {
  const visit = historyOf();
  await ground.tell([visit.created()]);
  await ground.settle();
  await ground.sql`delete from analytics_bookings`;
  ground.calendars.intercept = () => 503;
  const { code, differences, report } = await ground.reconcile("--repair");
  expect({ code, found: differences.map(({ what, mended }) => ({ what, mended })) })
    .toEqual({ code: 1, found: [{ what: "booking", mended: true }] });
  expect(report.failures).toEqual(
    ["GET", "PROPFIND"].map((method) => expect.stringMatching(new RegExp(`^calendar: ${method} .* 503$`))),
  );
});

const lostSends = async (where: string) => {
  await ground.sql.unsafe(`delete from sends where ${where}`);
  const { differences } = await ground.reconcile("--repair");
  return differences.map(({ what, mended }) => `${what} ${mended}`);
};

test("a message of which the audit trail knows an end is not made again", async () => {
  const visit = historyOf();
  await ground.tell([visit.created()]);
  await ground.sql`
    insert into audit_outcomes (occurred_at, job, action, event_key, aggregate_id, detail)
    select now(), 'notifications', 'sent', event_key, appointment_id,
      jsonb_build_object('send', id, 'channel', channel, 'template', template)
    from sends where template = 'patient-booked'`;
  expect(await lostSends("true")).toEqual(["send doctor-booked by email true"]);
  expect(await ground.sql`select template from sends`).toEqual([{ template: "doctor-booked" }]);
});

test("nothing is said of a visit that has begun, to an address that was removed, or before what was said last", async () => {
  const [past, gone, told] = [historyOf(), historyOf(), historyOf()];
  await ground.tell([past.created("2026-05-06T10:00:00Z"), gone.created(), told.created(), told.moved(15)]);
  await ground
    .sql`update notification_visits set patient_email = 'new@example.org' where appointment_id = ${gone.aggregateId}`;
  await ground.tell([gone.contact("new@example.org")], "notifications");
  const contact = ground.archive.events.at(-1)!;
  await ground.handle("notifications", JSON.parse(contact.body));
  expect(await lostSends("template = 'patient-booked'")).toEqual([]);
});

test("an event that was missed until its visit began is found, and not handled: nothing is said too late", async () => {
  const visit = historyOf();
  await ground.tell([visit.created("2026-05-06T10:00:00Z")], "notifications");
  const { code, differences } = await ground.reconcile("--repair");
  expect(code).toBe(3);
  expect(differences).toMatchObject([{ job: "notifications", kind: "missing", mended: false }]);
  expect(differences[0]!.how).toMatch(/the visit has begun/);
  expect(await ground.sql`select from sends`).toEqual([]);
});

test("what was written into a record of the audit trail is found and left to a person", async () => {
  const visit = historyOf();
  const event = visit.created();
  await ground.handle("audit", { ...event, timestamp: "2026-04-01T10:59:00Z" });
  ground.archive.events.push({ ...event, publishedAt: event.timestamp, body: JSON.stringify(event) });
  const { code, differences } = await ground.reconcile("--repair", "--job", "audit");
  expect(code).toBe(3);
  expect(differences).toMatchObject([{ kind: "different", fields: ["occurredAt"], mended: false }]);
});
