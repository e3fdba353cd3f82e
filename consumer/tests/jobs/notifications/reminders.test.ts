import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { fireReminders } from "../../../src/jobs/notifications/reminder-queue.ts";
import { createReminderSender } from "../../../src/jobs/notifications/reminder-sender.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { startMailServer } from "./mail-server.ts";

const hour = 3_600_000;
const leads = { reminderLeadMinutes: [24 * 60, 2 * 60] };
const begins = Date.parse("2026-12-01T10:00:00+01:00");

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  harness.clock.ms = Date.parse("2026-11-23T08:10:00Z");
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.sql`truncate sends`;
});

/** Lets the reminders fire that are due at that time. */
async function fireAt(ms: number): Promise<number> {
  harness.clock.ms = ms;
  return await fireReminders(harness.sql, 50, new Date(ms), { sms: true, defaultLocale: "en" });
}

const reminders = async () =>
  (await harness.sql`select channel, recipient, state from sends where template like '%-reminder' order by id`)
    .map(({ channel, recipient, state }) => `${channel} ${recipient} ${state}`);

it("reminds the patient a day and two hours before, on every channel that reaches them", async () => {
  await harness.deliver(appointmentEvents().created({ patientPhone: "+4930123456" }), leads);

  expect(await fireAt(begins - 24 * hour - 1)).toBe(0);
  await fireAt(begins - 24 * hour);
  expect(await reminders()).toEqual(["email ada@example.org pending", "sms +4930123456 pending"]);
  await fireAt(begins - 2 * hour);
  expect(await reminders()).toHaveLength(4);
  expect(await fireAt(begins)).toBe(0);
});

it("has no reminder for a time that was over when the visit was booked", async () => {
  harness.clock.ms = begins - 3 * hour;
  await harness.deliver(appointmentEvents().created(), leads);
  expect(await fireAt(begins - 2 * hour - 1)).toBe(0);
  expect(await fireAt(begins - 2 * hour)).toBe(1);
});

it("moves the reminders with the visit", async () => {
  const events = appointmentEvents();
  await harness.deliver(events.created(), leads);
  await harness.deliver(events.rescheduled(2), leads);
  expect(await fireAt(begins)).toBe(0);
  await fireAt(Date.parse("2026-12-02T09:30:00+01:00"));
  expect(await reminders()).toEqual(["email ada@example.org pending"]);
});

it.each(["cancelled", "noShow", "completed", "arrived"] as const)("has none once the visit is %s", async (what) => {
  const events = appointmentEvents();
  await harness.deliver(events.created(), leads);
  await harness.deliver(events[what](2), leads);
  await fireAt(begins - 1);
  expect(await reminders()).toEqual([]);
});

it.each(["noShow", "completed", "arrived"] as const)(
  "has those that are still due once %s was taken back",
  async (what) => {
    const events = appointmentEvents();
    await harness.deliver(events.created(), leads);
    harness.clock.ms = begins - 3 * hour;
    await harness.deliver(events[what](2), leads);
    await harness.deliver(events.reopened(3), leads);
    expect(await fireAt(begins - 2 * hour - 1)).toBe(0);
    await fireAt(begins - 2 * hour);
    expect(await reminders()).toEqual(["email ada@example.org pending"]);
  },
);

it("has none, and says nothing, when a visit that is over was taken back", async () => {
  const events = appointmentEvents();
  await harness.deliver(events.created(), leads);
  harness.clock.ms = begins + hour;
  await harness.deliver(events.noShow(2), leads);
  await harness.deliver(events.reopened(3), leads);
  expect(await fireAt(begins + 2 * hour)).toBe(0);
  const sends = await harness.sql`select template from sends order by template`;
  expect(sends.map(({ template }) => template)).toEqual(["doctor-booked", "patient-booked"]);
});

it("drops a reminder that fired but was not handed over when the visit is cancelled", async () => {
  const events = appointmentEvents();
  await harness.deliver(events.created(), leads);
  await fireAt(begins - 24 * hour);
  await harness.deliver(events.cancelled(2), leads);
  expect(await reminders()).toEqual(["email ada@example.org dropped"]);
});

it.each([true, false])("texts no reminder to a removed number, one that has fired already: %s", async (fired) => {
  const events = appointmentEvents();
  await harness.deliver(events.created({ patientPhone: "+4930123456" }), leads);
  if (fired) await fireAt(begins - 24 * hour);
  await harness.deliver(events.contactChanged(2, { removed: ["patientPhone"] }), leads);
  await fireAt(begins - 24 * hour);
  await fireAt(begins - 2 * hour);
  const mail = "email ada@example.org pending";
  expect(await reminders()).toEqual(fired ? [mail, "sms +4930123456 dropped", mail] : [mail, mail]);
});

it("looks at the visit as it is when the reminder fires", async () => {
  const events = appointmentEvents();
  await harness.deliver(events.created(), leads);
  await harness.deliver(events.contactChanged(2, { patientEmail: "new@example.org", locale: "fr" }), leads);
  await fireAt(begins - 2 * hour);
  expect(await reminders()).toEqual(["email new@example.org pending"]);
  const [row] = await harness.sql`select content ->> 'locale' as locale from sends where template like '%-reminder'`;
  expect(row?.["locale"]).toBe("fr");
});

it("reminds once when both reminders come late, and not at all when the visit has begun", async () => {
  await harness.deliver(appointmentEvents().created(), leads);
  expect(await fireAt(begins - hour)).toBe(2);
  expect(await reminders()).toHaveLength(1);
  await harness.deliver(appointmentEvents().created(), { reminderLeadMinutes: [10] });
  expect(await fireAt(begins + 1)).toBe(1);
  expect(await reminders()).toHaveLength(1);
});

it("never sends a reminder after the visit has begun, however long the mail server was away", async () => {
  const server = await startMailServer();
  await harness.deliver(appointmentEvents().created(), leads);
  await fireAt(begins - 2 * hour);
  harness.clock.ms = begins;
  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url) }));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 2, dropped: 1 }));
  expect(server.mails.filter(({ subject }) => subject.includes("Reminder"))).toEqual([]);
});

it("fires each reminder once when several processes look, and wakes the senders", async () => {
  const server = await startMailServer();
  const mailSenders = harness.senders({ mailer: harness.mailer(server.url) });
  const now = () => new Date(harness.clock.ms);
  const reminderSender = () =>
    createReminderSender({
      sql: harness.sql,
      now,
      log: pino({ enabled: false }),
      sms: true,
      defaultLocale: "en",
      fired: () => mailSenders.forEach((sender) => sender.wake()),
    });
  for (let index = 0; index < 60; index++) await harness.deliver(appointmentEvents().created(), leads);
  await harness.sql`truncate sends`;
  run(harness.sql, [...mailSenders, reminderSender(), reminderSender()]);

  harness.clock.ms = begins - 24 * hour;
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 60 }));
  expect(server.mails).toHaveLength(60);
  expect(server.mails[0]?.subject).toContain("Reminder");
});
