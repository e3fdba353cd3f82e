import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { NotificationsEvent } from "../../../src/generated/jobs.ts";
import { forgetContents } from "../../../src/jobs/notifications/forget-contents.ts";
import { erasedAmong } from "../../../src/delivery/erased-appointments.ts";
import { createSendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { resendSend, SendRefused } from "../../../src/jobs/notifications/send-operations.ts";
import { prune } from "../../../src/postgres/retention.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness } from "./notifications-harness.ts";

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
beforeEach(async () => {
  await harness.empty();
  await harness.sql`truncate erased_appointments, dead_letters`;
  await harness.deliver(doctorUpdated("dr-lovelace"));
});
afterAll(() => harness.drop());

const marker = "marked-q7x";
const marked = {
  patientEmail: `${marker}@example.org`,
  patientPhone: "+4930777123456",
  patientName: `Jane ${marker}`,
  locale: "fr",
};
const personal = /marked-q7x|4930777/i;

function erased(...appointmentIds: string[]): NotificationsEvent {
  return {
    eventName: "patient.erased",
    aggregateId: randomUUID(),
    timestamp: "2026-11-23T09:00:00Z",
    version: 1,
    eventId: randomUUID(),
    aggregateVersion: 1,
    payload: { appointmentIds },
  };
}

/** Every row of every table, as text; bodies as their bytes' text. */
async function everything(): Promise<string> {
  const { sql } = harness;
  const tables = await sql<{ name: string }[]>`select tablename as name from pg_tables where schemaname = 'public'`;
  const rows = await Promise.all(tables.map(({ name }) => sql`select t::text from ${sql(name)} t`));
  const bodies = await sql`select encode(body, 'escape') from dead_letters`;
  return JSON.stringify([rows, bodies]);
}

const deadLetter = (aggregateId: string | null, body: string) =>
  harness.sql`
    insert into dead_letters (job, reason, event_key, aggregate_id, body, properties, headers, delivery_hash)
    values ('notifications', 'schema-violation', ${randomUUID()}, ${aggregateId}, ${Buffer.from(body)}, '{}',
      ${harness.sql.json({ "x-error-message": body })}, ${randomUUID()})`;

it("clears visits, sends in every state, reminders and dead letters of the patient, and nobody else's", async () => {
  const { deliver, sql } = harness;
  const theirs = appointmentEvents();
  const others = appointmentEvents();
  await deliver(theirs.created(marked), { reminderLeadMinutes: [60] });
  await deliver(theirs.rescheduled(2), { reminderLeadMinutes: [60] });
  await deliver(theirs.contactChanged(3, { patientEmail: `second-${marker}@example.org` }));
  await deliver(others.created({ patientEmail: "neighbour@example.org" }), { reminderLeadMinutes: [60] });
  const states = ["pending", "sending", "sent", "failed", "unknown", "dropped"];
  const rows = await sql<{ id: string }[]>`select id from sends where appointment_id = ${theirs.appointmentId}`;
  for (const [index, { id }] of rows.entries()) {
    const reason = `550 no ${marker} here`;
    await sql`update sends set state = ${states[index % states.length]!}, reason = ${reason} where id = ${id}`;
  }
  await deadLetter(theirs.appointmentId.toUpperCase(), `{"patientPhone": "0170 (${marker})"}`);
  await deadLetter(null, `{"patientEmail": "${marked.patientEmail}", broken`);
  await deadLetter(others.appointmentId, "of the neighbour");
  expect(await everything()).toMatch(personal);

  const outcome = await deliver(erased(theirs.appointmentId));

  expect(outcome).toEqual({
    kind: "applied",
    detail: `cleared: visits 1, sends ${rows.length}, reminders 1, dead letters 2`,
  });
  const left = await everything();
  expect(left).not.toMatch(personal);
  expect(left).toContain("neighbour@example.org");
  expect(left).toContain("of the neighbour");
  const sends = await sql<{ state: string; recipient: string }[]>`
    select state, recipient from sends where appointment_id = ${theirs.appointmentId} order by id`;
  expect(sends.filter(({ state }) => !["sending", "sent", "dropped"].includes(state))).toEqual([]);
  expect(sends.some(({ recipient }) => recipient.endsWith("@clinic.example"))).toBe(true);
  const letters = await sql`select state, settled_why from dead_letters where settled_at is not null`;
  expect(letters).toHaveLength(2);
  expect(letters[0]).toEqual({ state: "discarded", settled_why: "the patient was erased" });
});

it("takes nothing from events of an erased patient that come later or are told again, and tells nobody", async () => {
  const { deliver, sql } = harness;
  const known = appointmentEvents();
  const unknown = appointmentEvents();
  await deliver(known.created(marked));
  await deliver(erased(known.appointmentId, unknown.appointmentId));
  const before = await sql`select count(*) from sends`;
  const gone = { kind: "ignored", reason: "the patient was erased", action: "erased" };
  expect(await deliver(known.cancelled(2))).toEqual(gone);
  expect(await deliver(unknown.created(marked))).toEqual(gone);
  expect(await deliver(unknown.rescheduled(2))).toEqual(gone);
  expect(await deliver({ ...known.created(marked), aggregateId: known.appointmentId.toUpperCase() })).toEqual(gone);
  expect(await sql`select count(*) from sends`).toEqual(before);
  expect(await everything()).not.toMatch(personal);
});

it.each([
  ["address", { patientEmail: "erased@erased.invalid" }],
  ["number", { patientEmail: undefined, patientPhone: "+9990000000" }],
])("a database that never heard of the erasure takes the placeholder of an %s for one", async (_, contact) => {
  const { deliver, sql } = harness;
  const visit = appointmentEvents();
  const event = visit.created(contact as object);
  expect(await deliver(event)).toMatchObject({ action: "erased" });
  expect(await deliver(visit.rescheduled(2))).toMatchObject({ action: "erased" });
  expect(await sql`select from sends`).toHaveLength(0);
});

it.each(
  [
    ["put off", { state: "pending", reason: `450 ${marker} is busy`, delayMs: 0, attempts: 1 }, "dropped"],
    ["refused", { state: "failed", reason: `550 no ${marker}` }, "failed"],
  ] as const,
)("a send that is %s after its patient was erased is not tried again", async (_, result, state) => {
  const { deliver, sql, clock, states } = harness;
  const visit = appointmentEvents();
  await deliver(visit.created(marked), { sms: false });
  const ledger = createSendLedger({ sql, leaseMs: 600_000, now: () => new Date(clock.ms) });
  const claimed = await ledger.claim("email", 10);
  await deliver(erased(visit.appointmentId));
  for (const send of claimed) await ledger.record(send, result);
  expect(await states()).toEqual({ [state]: claimed.length });
  expect(await everything()).not.toMatch(personal);
  const resent = resendSend(sql, { id: claimed[0]!.id, actor: "operator:me", now: new Date(clock.ms) });
  await expect(resent).rejects.toThrow(SendRefused);
});

it("an erasure waits for what is just being written about its patient, and clears that too", async () => {
  const { sql, deliver } = harness;
  const visit = appointmentEvents();
  let written = () => {};
  const writing = new Promise<void>((resolve) => written = resolve);
  let looked = () => {};
  const hasLooked = new Promise<void>((resolve) => looked = resolve);
  const slow = sql.begin(async (transaction) => {
    await erasedAmong(transaction, [visit.appointmentId]);
    looked();
    await writing;
    await transaction`
      insert into notification_visits (appointment_id, at, sequence, status, doctor_id, starts_at, duration_minutes,
        time_zone, patient_email)
      values (${visit.appointmentId}, now(), 0, 'booked', 'dr-lovelace', now(), 30, 'UTC', ${marked.patientEmail})`;
  });
  await hasLooked;
  const erasing = deliver(erased(visit.appointmentId));
  await expect.poll(async () => (await sql`select from pg_locks where locktype = 'advisory' and not granted`).length, {
    timeout: 30_000,
  }).toBe(1);
  written();
  await Promise.all([slow, erasing]);
  expect(await everything()).not.toMatch(personal);
});

it("forgets what was said sooner than that it was sent, but not whether the calendar was written", async () => {
  const { deliver, sql } = harness;
  await deliver(appointmentEvents().created(marked), { calendars: true });
  await sql`update sends set state = 'sent', updated_at = '2026-01-01T00:00:00Z' where template like 'patient-%'`;
  await sql`update sends set state = 'sent', updated_at = '2026-01-01T00:00:00Z' where template like 'doctor-%'`;
  expect(await prune(sql, new Date("2026-02-01T00:00:00Z"), [forgetContents])).toBe(2);
  expect(await prune(sql, new Date("2026-02-01T00:00:00Z"), [forgetContents])).toBe(0);
  const rows = await sql`select template, content from sends where content_forgotten order by template`;
  expect([...rows]).toEqual([
    { template: "doctor-booked", content: { calendarWritten: true } },
    { template: "patient-booked", content: {} },
  ]);
});
