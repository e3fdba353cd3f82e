import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { fireReminders } from "../../../src/jobs/notifications/reminder-queue.ts";
import { createSmsGateway } from "../../../src/jobs/notifications/sms/sms-gateway.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { smtpReply, startMailServer } from "./mail-server.ts";
import { startSmsGateway } from "./sms-gateway.ts";

let harness: Harness;
let lines: Record<string, unknown>[];
const log = pino({ base: {}, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  lines = [];
  harness.clock.ms = Date.parse("2026-11-23T08:10:00Z");
  await harness.deliver(doctorUpdated("dr-lovelace"));
});

async function startSenders(onRecipient: (address: string) => Error | undefined = () => undefined): Promise<void> {
  const { url } = await startMailServer({ onRecipient });
  const gateway = await startSmsGateway();
  const sms = createSmsGateway({ url: gateway.url, accountSid: "AC1", authToken: "s", from: "+1", timeoutMs: 2000 });
  run(harness.sql, harness.senders({ mailer: harness.mailer(url), sms, log }));
}

it("logs every mail and text message with the event and the request that it comes from", async () => {
  const events = appointmentEvents();
  const created = events.created({ patientPhone: "+4930123456" });
  await harness.deliver(created, { reminderLeadMinutes: [60] });
  await startSenders();
  const common = {
    level: 30,
    send: expect.any(String),
    correlationId: "req-1",
    aggregateId: events.appointmentId,
    state: "sent",
  };
  const booked = { ...common, eventId: created.eventId };
  await eventually(() =>
    expect(new Set(lines)).toEqual(
      new Set([
        { ...booked, channel: "email", template: "patient-booked", msg: "mail sent" },
        { ...booked, channel: "email", template: "doctor-booked", msg: "mail sent" },
        { ...booked, channel: "sms", template: "sms-booked", msg: "text message sent" },
      ]),
    )
  );

  lines = [];
  harness.clock.ms = Date.parse("2026-12-01T09:00:00+01:00");
  await fireReminders(harness.sql, 10, new Date(harness.clock.ms), { sms: false, defaultLocale: "en" });
  const reminder = { ...common, eventId: expect.stringMatching(/^reminder:/) };
  await eventually(() =>
    expect(lines).toEqual([{ ...reminder, channel: "email", template: "patient-reminder", msg: "mail sent" }])
  );
});

it("warns of a mail that was not taken, without the patient's address", async () => {
  const created = appointmentEvents().created();
  await harness.deliver(created);
  await startSenders((address) => address === "ada@example.org" ? smtpReply(550, `no ${address}`) : undefined);
  const refused = {
    level: 40,
    eventId: created.eventId,
    correlationId: "req-1",
    state: "failed",
    reason: expect.stringContaining("550"),
    msg: "mail not taken",
  };
  await eventually(() => expect(lines).toContainEqual(expect.objectContaining(refused)));
  expect(JSON.stringify(lines)).not.toContain("ada@");
});
