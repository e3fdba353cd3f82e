import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { readEvent } from "../../../src/delivery/message.ts";
import { eventNames } from "../../../src/generated/events.ts";
import type { NotificationsEvent } from "../../../src/generated/jobs.ts";
import { fireReminders } from "../../../src/jobs/notifications/reminder-queue.ts";
import { createSmsGateway } from "../../../src/jobs/notifications/sms/sms-gateway.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { startMailServer } from "./mail-server.ts";
import { startSmsGateway } from "./sms-gateway.ts";

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  harness.clock.ms = Date.parse("2026-11-23T08:10:00Z");
  await harness.deliver(doctorUpdated("dr-lovelace"));
});

/** Version 2, read from bytes as the consumer does. */
function booked(aggregateId: string, payload: object = {}): NotificationsEvent {
  const event = {
    eventName: eventNames.appointmentCreated,
    aggregateId,
    timestamp: "2026-11-23T08:01:00Z",
    version: 2,
    eventId: randomUUID(),
    aggregateVersion: 1,
    payload: {
      patientPhone: "+4930123456",
      doctorId: "dr-lovelace",
      appointmentDate: "2026-12-01T10:00:00+01:00",
      ...payload,
    },
  };
  const content = new TextEncoder().encode(JSON.stringify(event));
  return readEvent("notifications", { content, properties: {} } as never).event as NotificationsEvent;
}

const ledger = async () =>
  (await harness.sql<{ template: string; recipient: string }[]>`select template, recipient from sends order by id`)
    .map(({ template, recipient }) => `${template} ${recipient}`);
const doctor = "dr-lovelace@clinic.example";

it("gets text messages only, of all that happens, and the doctor reads the number", async () => {
  const server = await startMailServer();
  const gateway = await startSmsGateway();
  const sms = createSmsGateway({ url: gateway.url, accountSid: "AC1", authToken: "s", from: "+1", timeoutMs: 2000 });
  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url), sms }));
  const events = appointmentEvents();
  await harness.deliver(booked(events.appointmentId, { patientName: "Zoë King" }), { reminderLeadMinutes: [60] });
  await harness.deliver(events.rescheduled(2));
  await harness.deliver(events.cancelled(3));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 6 }));

  expect(gateway.texts.map(({ to }) => to)).toEqual(Array(3).fill("+4930123456"));
  expect(server.mails.map(({ to }) => to)).toEqual(Array(3).fill(doctor));
  for (const { parsed } of server.mails) expect(parsed.text).toContain("Patient: Zoë King (+4930123456)");
});

it("is reminded by text message", async () => {
  await harness.deliver(booked(randomUUID()), { reminderLeadMinutes: [60] });
  const due = new Date("2026-12-01T09:00:00+01:00");
  expect(await fireReminders(harness.sql, 10, due, { sms: true, defaultLocale: "en" })).toBe(1);
  expect((await ledger()).filter((line) => line.includes("reminder"))).toEqual(["sms-reminder +4930123456"]);
});

it("is told nothing where text messages are not configured; the doctor is", async () => {
  await harness.deliver(booked(randomUUID()), { sms: false });
  expect(await ledger()).toEqual([`doctor-booked ${doctor}`]);
});

it("gets mail, too, from when an address is there", async () => {
  const events = appointmentEvents();
  await harness.deliver(booked(events.appointmentId));
  await harness.deliver(events.contactChanged(2, { patientEmail: "ada@example.org" }));
  await harness.deliver(events.cancelled(3));
  expect((await ledger()).slice(2)).toEqual([
    "patient-contact ada@example.org",
    "patient-cancelled ada@example.org",
    "sms-cancelled +4930123456",
    `doctor-cancelled ${doctor}`,
  ]);
});

it("gets no mail any more from when the address was removed, not even what waits", async () => {
  const events = appointmentEvents();
  await harness.deliver(events.created({ patientPhone: "+4930123456" }));
  await harness.deliver(events.contactChanged(2, { removed: ["patientEmail"] }));
  await harness.deliver(events.cancelled(3));
  expect((await ledger()).slice(3)).toEqual(["sms-cancelled +4930123456", `doctor-cancelled ${doctor}`]);
  const dropped = await harness.sql`select template from sends where state = 'dropped'`;
  expect([...dropped]).toEqual([{ template: "patient-booked" }]);
});
