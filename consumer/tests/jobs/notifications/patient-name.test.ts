import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createSmsGateway } from "../../../src/jobs/notifications/sms/sms-gateway.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { startMailServer } from "./mail-server.ts";
import { startSmsGateway } from "./sms-gateway.ts";

let harness: Harness;
let printed: string;
const log = pino({}, { write: (line) => void (printed += line) });

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  printed = "";
  await harness.deliver(doctorUpdated("dr-lovelace", { phone: "+4930111111" }));
});

async function startSenders() {
  const server = await startMailServer();
  const gateway = await startSmsGateway();
  const sms = createSmsGateway({ url: gateway.url, accountSid: "AC1", authToken: "s", from: "+1", timeoutMs: 2000 });
  run(harness.sql, harness.senders({ mailer: harness.mailer(server.url), sms, log }));
  return { mails: server.mails, texts: gateway.texts };
}

const doctorsMails = (mails: { to: string; parsed: { text?: string | undefined } }[]) =>
  mails.filter(({ to }) => to.endsWith("@clinic.example")).map(({ parsed }) => parsed.text ?? "");

it("is in the doctor's mail alone: in no mail to the patient, no text message, no invitation and no log", async () => {
  const { mails, texts } = await startSenders();
  const events = appointmentEvents();
  await harness.deliver(events.created({ patientName: "Zoë King", patientPhone: "+4930123456" }));
  await harness.deliver(events.rescheduled(2));
  await harness.deliver(events.cancelled(3));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 12 }));

  expect(doctorsMails(mails)).toHaveLength(3);
  for (const text of doctorsMails(mails)) expect(text).toContain("Patient: Zoë King (ada@example.org)");
  const elsewhere = [
    ...mails.filter(({ to }) => to === "ada@example.org").map(({ parsed, raw }) => [parsed.text, parsed.html, raw]),
    ...mails.flatMap(({ subject, parsed }) => [
      subject,
      ...parsed.attachments.map(({ content }) => content.toString("utf8")),
    ]),
    ...texts.map(({ body }) => body),
    printed,
  ];
  expect(texts).toHaveLength(6);
  expect(JSON.stringify(elsewhere)).not.toMatch(/King|Zo=C3|Zoë/);
  expect(JSON.stringify(await harness.sql`select * from audit_outcomes`)).not.toContain("King");
});

it("is the one that was told last, and a change of the name alone tells nobody", async () => {
  const { mails } = await startSenders();
  const events = appointmentEvents();
  await harness.deliver(events.created());
  await harness.deliver(events.contactChanged(2, { patientName: "Augusta King" }));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 3 }));
  expect(doctorsMails(mails)).toEqual([expect.stringContaining("Patient: ada@example.org")]);

  await harness.deliver(events.cancelled(3));
  await eventually(() => expect(doctorsMails(mails)).toHaveLength(2));
  expect(doctorsMails(mails)[1]).toContain("Patient: Augusta King (ada@example.org)");
});
