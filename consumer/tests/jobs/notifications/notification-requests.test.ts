import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { resendSend } from "../../../src/jobs/notifications/send-operations.ts";
import { createSmtpMailer } from "../../../src/jobs/notifications/smtp/mailer.ts";
import { eventually } from "../../support/eventually.ts";
import { type MailServerOptions, startMailServer } from "./mail-server.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  await harness.deliver(doctorUpdated("dr-lovelace"));
  await harness.deliver(appointmentEvents().created());
});

/** Sends both mails of a booking; answers the patient's. */
async function sendBoth(
  options: MailServerOptions,
  notifying: { returnPath?: string; notifiesSuccess?: boolean } = {},
) {
  const server = await startMailServer(options);
  const from = { name: "Clinic", address: "appointments@clinic.example" };
  const mailer = createSmtpMailer({ url: server.url, from, connections: 2, timeoutMs: 5000, ...notifying });
  run(harness.sql, harness.senders({ mailer }));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 2 }));
  return { mailer, mails: () => server.mails.filter(({ to }) => to === "ada@example.org") };
}

const patientsSend = async () =>
  (await harness.sql<[{ id: string; envelope: string }]>`
    select id, envelope from sends where recipient = 'ada@example.org'`)[0];

it("a server that offers it is asked to notify of a failure, by a name of the hand-over", async () => {
  const { mails } = await sendBoth({ dsn: true });
  const { id, envelope } = await patientsSend();
  expect(mails()[0]!.envelope).toMatchObject({
    from: "appointments@clinic.example",
    dsn: { envid: `${id}.${envelope}`, ret: "HDRS" },
    recipient: { notify: ["FAILURE"], orcpt: "rfc822;ada@example.org" },
  });
});

it("it is asked to notify of a delivery as well, at an address of its own, where a mailbox is read", async () => {
  const { mails } = await sendBoth({ dsn: true }, { returnPath: "bounces@clinic.example", notifiesSuccess: true });
  expect(mails()[0]!.envelope).toMatchObject({
    from: "bounces@clinic.example",
    recipient: { notify: ["FAILURE", "SUCCESS"] },
  });
  expect(mails()[0]!.parsed.from?.text).toBe('"Clinic" <appointments@clinic.example>');
});

it("a server that doesn't offer it gets the mail without", async () => {
  const { mails } = await sendBoth({}, { notifiesSuccess: true });
  expect(mails()[0]!.envelope).toEqual({ from: "appointments@clinic.example", dsn: undefined, recipient: undefined });
});

it("a mail that is sent again has another name", async () => {
  const { mails } = await sendBoth({ dsn: true });
  const first = await patientsSend();
  await resendSend(harness.sql, { id: first.id, actor: "test", now: new Date(harness.clock.ms) });
  await eventually(() => expect(mails()).toHaveLength(2));
  const second = await patientsSend();
  expect(second.envelope).not.toBe(first.envelope);
  expect(mails().map(({ envelope }) => (envelope.dsn as { envid: string }).envid)).toEqual([
    `${first.id}.${first.envelope}`,
    `${second.id}.${second.envelope}`,
  ]);
});
