import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createSendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { resendSend } from "../../../src/jobs/notifications/send-operations.ts";
import { createSmsCallbacks } from "../../../src/jobs/notifications/sms/callbacks.ts";
import { createSmsGateway } from "../../../src/jobs/notifications/sms/sms-gateway.ts";
import { twilioSignature } from "../../../src/jobs/notifications/sms/twilio-signature.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { startMailServer } from "./mail-server.ts";
import { type Answer, type CaughtText, reply, startSmsGateway } from "./sms-gateway.ts";

const number = "+4930123456";
const callbackUrl = "https://consumer.clinic.example/";
let harness: Harness;
let app: ReturnType<typeof createSmsCallbacks>;

beforeAll(async () => {
  harness = await createHarness();
  const { sql, clock } = harness;
  const log = pino({ enabled: false });
  app = createSmsCallbacks({ sql, callbackUrl, authToken: "secret", now: () => new Date(clock.ms), log });
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  await harness.sql`truncate sms_opt_outs`;
  await harness.deliver(doctorUpdated("dr-lovelace"));
});

async function startSenders(answer?: Answer) {
  const gateway = await startSmsGateway(answer);
  const { url } = await startMailServer();
  const sms = createSmsGateway({
    url: gateway.url,
    accountSid: "AC1",
    authToken: "secret",
    from: "+4930999999",
    timeoutMs: 2000,
    statusUrl: "https://consumer.clinic.example/sms/status",
  });
  run(harness.sql, harness.senders({ mailer: harness.mailer(url), sms }));
  return gateway;
}

const book = () => harness.deliver(appointmentEvents().created({ patientPhone: number }));

async function text() {
  const [row] = await harness.sql<
    [{ id: string; state: string; reason: string | null; receipt: string | null; reference: string | null }]
  >`
    select id, state, reason, receipt, reference from sends where channel = 'sms' order by id desc limit 1`;
  return row;
}
const sentText = async () => {
  await eventually(async () => expect((await text()).state).toBe("sent"));
  return await text();
};

/** What the gateway posts. */
async function post(path: string, fields: Record<string, string>, signature?: string): Promise<Response> {
  const form = new URLSearchParams(fields);
  const signed = signature ?? twilioSignature("secret", `https://consumer.clinic.example${path}`, form);
  return await app.request(path, {
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded", "x-twilio-signature": signed },
    body: form.toString(),
  });
}

const sid = "SM0123456789";
const tell = (send: string, MessageStatus: string, more: Record<string, string> = {}) =>
  post(`/sms/status?send=${send}`, { MessageSid: sid, MessageStatus, To: number, ...more });

const audited = async (action: string) =>
  (await harness.sql`select from audit_outcomes where action = ${action} and job = 'notifications'`).length;

it("asks the gateway to tell what becomes of a message, by the send's id", async () => {
  const asked: CaughtText[] = [];
  await startSenders((caught, response, request) => {
    asked.push({ ...caught, path: String(request.url) });
    reply(response, 201, { sid, status: "queued" });
  });
  await book();
  const { id } = await sentText();
  expect(asked[0]!.statusCallback).toBe(`https://consumer.clinic.example/sms/status?send=${id}`);
});

it("a delivered message is sent and has its receipt, whatever is told after it", async () => {
  await startSenders();
  await book();
  const { id } = await sentText();
  const before = await audited("delivered");
  for (const status of ["sent", "delivered", "sent", "undelivered"]) {
    expect((await tell(id, status)).status).toBe(204);
  }
  expect(await text()).toMatchObject({ state: "sent", receipt: "delivered", reason: null });
  expect(await audited("delivered")).toBe(before + 1);
});

it("a message that did not arrive has failed, and says why", async () => {
  await startSenders();
  await book();
  const { id } = await sentText();
  await tell(id, "undelivered", { ErrorCode: "30003" });
  expect(await text()).toMatchObject({
    state: "failed",
    receipt: "undelivered",
    reason: "not delivered: gateway undelivered 30003",
  });
});

it("a receipt settles what was unknown, and one that is faster than the gateway's answer is not lost", async () => {
  let answer = () => {};
  const early = new Promise<void>((resolve) => (answer = resolve));
  const gateway = await startSenders(async (_, response) => {
    await early;
    response.destroy();
  });
  await book();
  await eventually(() => expect(gateway.requests).toBe(1));
  const { id, state } = await text();
  expect(state).toBe("sending");
  await tell(id, "undelivered", { ErrorCode: "30005" });
  answer();
  await eventually(async () =>
    expect(await text()).toMatchObject({ state: "failed", reason: "not delivered: gateway undelivered 30005" })
  );

  await harness.sql`update sends set state = 'unknown', receipt = null, reference = null where id = ${id}`;
  await tell(id, "queued");
  expect(await text()).toMatchObject({ state: "sent", reference: sid, receipt: null });
});

it("a message that was found sent and did not arrive is a failed one that somebody has to see", async () => {
  await startSenders();
  await book();
  const { id } = await sentText();
  await harness.sql`update sends set state = 'unknown' where id = ${id}`;
  await tell(id, "queued");
  await tell(id, "undelivered", { ErrorCode: "30003" });
  const settledAs = async () => (await harness.sql`select settled_as from sends where id = ${id}`)[0]!["settled_as"];
  expect(await text()).toMatchObject({ state: "failed", receipt: "undelivered" });
  expect(await settledAs()).toBeNull();

  await harness.sql`
    update sends set state = 'failed', settled_as = 'not-sent', receipt = null where id = ${id}`;
  await tell(id, "undelivered", { ErrorCode: "30003" });
  expect(await settledAs()).toBe("not-sent");
});

it.each([
  ["sending", "sent", null],
  ["delivered", "sent", null],
  ["undelivered", "failed", "not delivered: gateway undelivered 30003"],
])("a message told of as %s is %s, though its sender was killed", async (status, state, reason) => {
  const ledger = createSendLedger({ sql: harness.sql, leaseMs: 600_000, now: () => new Date(harness.clock.ms) });
  await book();
  const claimed = await ledger.start(await ledger.claim("sms", 10));
  await tell(claimed[0]!.id, status, { ErrorCode: "30003" });
  expect(await text()).toMatchObject({ state: "sending" });
  harness.clock.ms += 600_001;
  expect(await ledger.expire()).toMatchObject({ unknown: 0, told: 1 });
  expect(await text()).toMatchObject({ state, reason });
});

it("of a message that was sent again, the receipt of the first one tells nothing", async () => {
  await startSenders();
  await book();
  const { id } = await sentText();
  await tell(id, "undelivered");
  await resendSend(harness.sql, { id, actor: "test", now: new Date(harness.clock.ms) });
  await tell(id, "delivered");
  expect((await text()).receipt).toBeNull();
  await sentText();
  await post(`/sms/status?send=${id}`, { MessageSid: "SM-another", MessageStatus: "delivered", To: number });
  expect((await text()).receipt).toBeNull();
});

it("what the gateway has not signed changes nothing", async () => {
  await startSenders();
  await book();
  const { id } = await sentText();
  const form = { MessageSid: sid, MessageStatus: "undelivered" };
  expect((await post(`/sms/status?send=${id}`, form, "forged")).status).toBe(403);
  expect((await post("/sms/inbound", { From: number, Body: "STOP" }, "")).status).toBe(403);
  expect(await text()).toMatchObject({ state: "sent", receipt: null });
  expect(await harness.sql`select from sms_opt_outs`).toEqual([]);
});

it("what makes no sense is refused, and what is too large", async () => {
  expect((await post("/sms/status?send=x", { MessageSid: sid, MessageStatus: "sent" })).status).toBe(400);
  expect((await post("/sms/status?send=1", { MessageSid: sid })).status).toBe(400);
  expect((await post("/sms/inbound", { Body: "STOP" })).status).toBe(400);
  expect((await post("/sms/inbound", { From: number, Body: "x".repeat(70_000) })).status).toBe(413);
  expect((await tell("99999999", "delivered")).status).toBe(204);
});

it.each([["STOP", undefined], [" Stop ", undefined], ["stopp bitte", "STOP"]])(
  "a number that replied %j gets nothing more, until it replies START",
  async (Body, OptOutType) => {
    await book();
    const answered = await post("/sms/inbound", { From: number, Body, ...(OptOutType && { OptOutType }) });
    expect(answered.headers.get("content-type")).toBe("text/xml");
    expect(await text()).toMatchObject({ state: "dropped", reason: "the number wants no text messages" });
    const gateway = await startSenders();
    await book();
    await eventually(async () => expect(await text()).toMatchObject({ state: "dropped" }));
    await harness.sql`update sends set due_at = now() where channel = 'sms'`;
    expect(gateway.requests).toBe(0);
    expect((await harness.sql`select encode(number_hash, 'hex') as hash from sms_opt_outs`)[0]!["hash"]).toMatch(
      /^[0-9a-f]{64}$/,
    );

    await post("/sms/inbound", { From: number, Body: "start" });
    await book();
    await sentText();
    expect(gateway.texts).toHaveLength(1);
  },
);

it("a number that says something else goes on getting messages", async () => {
  await startSenders();
  await post("/sms/inbound", { From: number, Body: "Please stop by later" });
  await book();
  await sentText();
});

it("a claimed message is not handed over to a number that replied STOP meanwhile", async () => {
  const ledger = createSendLedger({ sql: harness.sql, leaseMs: 600_000, now: () => new Date(harness.clock.ms) });
  await book();
  const claimed = await ledger.claim("sms", 10);
  expect(claimed).toHaveLength(1);
  await post("/sms/inbound", { From: number, Body: "STOP" });
  expect(await ledger.start(claimed)).toEqual([]);
});

it("a number that told the gateway itself gets nothing more either", async () => {
  const gateway = await startSenders((_, response) =>
    reply(response, 400, { code: 21610, message: "unsubscribed", status: 400 })
  );
  await book();
  await eventually(async () => expect((await text()).state).toBe("failed"));
  await book();
  await eventually(async () => expect((await text()).state).toBe("dropped"));
  expect(gateway.requests).toBe(1);
});
