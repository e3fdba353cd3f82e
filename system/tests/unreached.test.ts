import { createHmac } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { doctor } from "../doctor.ts";
import { type Clinic, createClinic } from "./support/clinic.ts";
import { slot } from "./support/slot.ts";

let clinic: Clinic;
beforeEach(async ({ onTestFailed }) => {
  clinic = await createClinic();
  onTestFailed(() => console.log(clinic.log.join("\n")));
});
afterEach(() => clinic.remove());

const number = "+4930555001";
const callbackUrl = "https://consumer.clinic.example";

async function ask(method: string, path: string, body?: object): Promise<Record<string, unknown> & { id: string }> {
  const response = await fetch(`${clinic.api}${path}`, {
    method,
    headers: { "content-type": "application/json", "x-api-key": clinic.apiKey, "if-match": "*" },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.ok, await response.clone().text()).toBe(true);
  return await response.json() as Record<string, unknown> & { id: string };
}

const bookByPhone = (n: number) =>
  ask("POST", "/v1/appointments", {
    patientPhone: number,
    doctorId: doctor.id,
    appointmentDate: slot(n),
    durationMinutes: 5,
  });
const problemsOf = async (id: string) => {
  const { contactProblems = [] } = await ask("GET", `/v1/appointments/${id}`);
  return (contactProblems as { reason: string; channel: string; notification?: string }[]);
};
const reasonsOf = async (id: string) => (await problemsOf(id)).map(({ reason }) => reason).sort();

/** What the gateway posts to the consumer, with its signature (Twilio's). */
async function fromGateway(consumer: string, path: string, fields: Record<string, string>): Promise<void> {
  const names = Object.keys(fields).sort();
  const signed = callbackUrl + path + names.map((name) => name + fields[name]).join("");
  const response = await fetch(`${consumer}${path}`, {
    method: "POST",
    headers: { "x-twilio-signature": createHmac("sha1", clinic.sms.authToken).update(signed).digest("base64") },
    body: new URLSearchParams(fields),
  });
  expect(response.ok).toBe(true);
}

const textsTo = (to: string) => clinic.sms.messages().filter((message) => message.to === to);
const recorded = async (eventName: string) =>
  (await clinic.consumerSql<{ detail: Record<string, unknown> }[]>`
    select detail from audit_outcomes where action = 'recorded' and event_name = ${eventName}`).map(({ detail }) =>
    detail
  );

test.for(["node", "deno"] as const)(
  "whom no text message reaches is shown at the appointment, on %s",
  async (runtime) => {
    const env = { SMS_CALLBACK_URL: callbackUrl };
    const [, consumer] = await Promise.all([
      clinic.startProducer({ runtime }),
      clinic.startConsumer({ runtime, env }),
    ]);
    await clinic.createDoctor();

    // The gateway takes it, and it does not arrive.
    const { id } = await bookByPhone(0);
    const sent = async () =>
      await clinic.consumerSql<{ id: string; reference: string }[]>`
      select id, reference from sends where recipient = ${number} and appointment_id = ${id} and state = 'sent'`;
    await expect.poll(sent).toHaveLength(1);
    const [text] = await sent();
    await fromGateway(consumer.url, `/sms/status?send=${text!.id}`, {
      MessageSid: text!.reference,
      MessageStatus: "undelivered",
      ErrorCode: "30003",
    });
    await expect.poll(() => problemsOf(id)).toEqual([
      {
        channel: "sms",
        recipient: "patient",
        notification: "booked",
        reason: "undelivered",
        since: expect.any(String),
      },
    ]);
    await expect.poll(() => recorded("notification.failed")).toEqual([
      expect.objectContaining({ appointmentId: id, channel: "sms", recipient: "patient", reason: "undelivered" }),
    ]);

    // It wants nothing more, and gets nothing more.
    await fromGateway(consumer.url, "/sms/inbound", { From: number, Body: "STOP" });
    await expect.poll(() => reasonsOf(id)).toEqual(["opted_out", "undelivered"]);
    await expect.poll(() => recorded("patient.opted_out")).toEqual([
      expect.objectContaining({ channel: "sms", appointmentIds: [id] }),
    ]);
    const before = textsTo(number).length;
    const later = await bookByPhone(1);
    await expect.poll(() => reasonsOf(later.id)).toEqual(["opted_out"]);
    expect(textsTo(number)).toHaveLength(before);

    // Another number is told, and nothing is said against it.
    const other = "+4930555002";
    await ask("PATCH", `/v1/appointments/${id}`, { patientPhone: other });
    expect(await problemsOf(id)).toEqual([]);
    await expect.poll(() => textsTo(other)).toHaveLength(1);

    await fromGateway(consumer.url, "/sms/inbound", { From: number, Body: "START" });
    await expect.poll(() => reasonsOf(later.id)).toEqual([]);
    const trail = JSON.stringify(await clinic.consumerSql`select detail from audit_outcomes`);
    expect(trail).not.toContain("+4930");
  },
);

test("what failed while the producer was away is shown when it is back", async () => {
  const env = { SMS_CALLBACK_URL: callbackUrl };
  const producer = await clinic.startProducer();
  await clinic.startConsumer({ env });
  await clinic.createDoctor();
  const { id } = await bookByPhone(0);
  const waiting = () => clinic.consumerSql`select from contact_reports where state <> 'told'`;
  await expect.poll(() => textsTo(number)).toHaveLength(1);
  await producer.stop("SIGTERM");
  await clinic.consumerSql`
    update sends set state = 'failed', reason = 'not delivered: gateway undelivered', receipt = 'undelivered',
      updated_at = now()
    where recipient = ${number}`;
  await expect.poll(() => clinic.log.some((line) => line.includes("notifications-reports"))).toBe(true);
  expect(await waiting()).toHaveLength(1);
  await clinic.startProducer();
  await expect.poll(() => reasonsOf(id), { timeout: 90_000 }).toEqual(["undelivered"]);
  await expect.poll(waiting).toHaveLength(0);
});
