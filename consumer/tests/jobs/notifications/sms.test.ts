import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { createSendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { resendSend } from "../../../src/jobs/notifications/send-operations.ts";
import { createSmsGateway } from "../../../src/jobs/notifications/sms/sms-gateway.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run } from "./notifications-harness.ts";
import { startMailServer } from "./mail-server.ts";
import { accept, type Answer, reply, startSmsGateway, type TestGateway } from "./sms-gateway.ts";

let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  await harness.deliver(doctorUpdated("dr-lovelace"));
});

async function startSenders(answer?: Answer): Promise<TestGateway> {
  const gateway = await startSmsGateway(answer);
  const { url } = await startMailServer();
  const sms = createSmsGateway({
    url: gateway.url,
    accountSid: "AC1",
    authToken: "secret",
    from: "+4930999999",
    timeoutMs: 2000,
  });
  run(harness.sql, harness.senders({ mailer: harness.mailer(url), sms }));
  return gateway;
}

const bookByPhone = (patientPhone = "+4930123456") =>
  harness.deliver(appointmentEvents().created({ patientPhone, locale: "de" }));

async function stateOf(channel: string) {
  const [row] = await harness.sql`select state, reason, attempts, reference from sends where channel = ${channel}`;
  return row;
}

it("sends the patient a text with time and clinic only, in Twilio's shape", async () => {
  const gateway = await startSenders();
  await bookByPhone();
  await eventually(async () =>
    expect(await stateOf("sms")).toMatchObject({ state: "sent", reference: "SM0123456789" })
  );

  expect(gateway.texts).toEqual([{
    to: "+4930123456",
    from: "+4930999999",
    body: "Clinic at the Park: Termin am Di., 1. Dez. 2026, 10:00 MEZ.",
    path: "/2010-04-01/Accounts/AC1/Messages.json",
    authorization: `Basic ${btoa("AC1:secret")}`,
    reference: expect.stringMatching(/^[0-9a-f]{32}$/),
  }]);
});

it("texts a doctor who gave a number", async () => {
  const gateway = await startSenders();
  await harness.deliver(doctorUpdated("dr-lovelace", { phone: "+4930111111" }, 2));
  const events = appointmentEvents();
  await harness.deliver(events.created());
  await harness.deliver(events.cancelled(2));
  await eventually(() =>
    expect(gateway.texts.map(({ to, body }) => [to, /cancelled/.test(body)])).toEqual([
      ["+4930111111", false],
      ["+4930111111", true],
    ])
  );
});

it("writes no texts where no gateway is configured, and a new number gets one later", async () => {
  const events = appointmentEvents();
  await harness.deliver(events.created({ patientPhone: "+4930123456" }), { sms: false });
  expect(await stateOf("sms")).toBeUndefined();
  await harness.deliver(events.contactChanged(2, { patientPhone: "+4930654321" }));
  expect(await stateOf("sms")).toMatchObject({ state: "pending" });
});

it.each<[string, Answer, object]>([
  [
    "fails for good for an invalid number",
    (_, response) => reply(response, 400, { code: 21211, message: "Invalid 'To'", status: 400 }),
    { state: "failed", reason: "gateway error 21211 (HTTP 400)" },
  ],
  [
    "waits without using up an attempt at a rate limit",
    (_, response) => reply(response, 429, { code: 20429, message: "Too Many Requests", status: 429 }),
    { state: "pending", reason: "gateway error 20429 (HTTP 429)", attempts: 0 },
  ],
  [
    "waits without using up an attempt when the account is refused",
    (_, response) => reply(response, 401, { code: 20003, message: "Authenticate", status: 401 }),
    { state: "pending", attempts: 0 },
  ],
  ["waits when the gateway says itself that it failed", (_, response) => reply(response, 500, { code: 20500 }), {
    state: "pending",
  }],
  [
    "is unknown when something in between says that it failed",
    (_, response) => response.writeHead(502).end("Bad Gateway"),
    {
      state: "unknown",
      reason: "HTTP 502",
    },
  ],
  ["is unknown when the connection is cut before the answer", (_, __, request) => request.socket.destroy(), {
    state: "unknown",
  }],
  ["is unknown when no answer comes", () => {}, { state: "unknown" }],
])("a text %s", async (_, answer, expected) => {
  await startSenders(answer);
  await bookByPhone();
  await eventually(async () => expect(await stateOf("sms")).toMatchObject(expected));
});

it("goes out after a rate limit, once", async () => {
  let refusals = 0;
  const gateway = await startSenders((text, response) =>
    refusals++ < 5 ? reply(response, 429, { code: 20429 }) : accept(text, response)
  );
  await bookByPhone();
  await eventually(async () => {
    harness.clock.ms += 60_000;
    expect(await stateOf("sms")).toMatchObject({ state: "sent", attempts: 0 });
  });
  expect(gateway.texts).toHaveLength(1);
});

it.each([
  ["seconds", () => "120"],
  ["a date", () => new Date(Date.now() + 120_000).toUTCString()],
])("is not handed over, nor any other, before the gateway's Retry-After in %s is over", async (_, retryAfter) => {
  let isLimited = true;
  const gateway = await startSenders((text, response) => {
    if (!isLimited) return accept(text, response);
    response.setHeader("retry-after", retryAfter());
    reply(response, 429, { code: 20429 });
  });
  await bookByPhone();
  const refused = { state: "pending", reason: "gateway error 20429 (HTTP 429)", attempts: 0 };
  await eventually(async () => expect(await stateOf("sms")).toMatchObject(refused));
  isLimited = false;
  await bookByPhone("+4930123457");
  const begun = harness.clock.ms;
  await eventually(async () => {
    if (harness.clock.ms < begun + 110_000) harness.clock.ms += 10_000;
    expect(harness.clock.ms).toBeGreaterThanOrEqual(begun + 110_000);
    expect(await stateOf("email")).toMatchObject({ state: "sent" });
  });
  expect(gateway.requests).toBe(1);
  harness.clock.ms += 15_000;
  await eventually(() => expect(gateway.texts).toHaveLength(2));
  expect(gateway.requests).toBe(3);
});

const texts = async () =>
  (await harness.sql`select recipient, template, state from sends where channel = 'sms' order by id`)
    .map(({ recipient, template, state }) => `${template} ${recipient} ${state}`);
const dropped = async () => (await harness.sql`select detail from audit_outcomes where action = 'dropped'`).length;

it("stops at once when the number is removed, what waits included, and mails go on", async () => {
  const events = appointmentEvents();
  await harness.deliver(events.created({ patientPhone: "+4930123456" }));
  await harness.deliver(events.contactChanged(2, { removed: ["patientPhone"] }));
  expect(await texts()).toEqual(["sms-booked +4930123456 dropped"]);
  expect(await dropped()).toBe(1);

  const gateway = await startSenders();
  await harness.deliver(events.rescheduled(3));
  await harness.deliver(events.cancelled(4));
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 6, dropped: 1 }));
  expect(gateway.texts).toEqual([]);
});

it.each(["claimed", "sending", "failed", "unknown", "dropped", "sent"])(
  "is not sent again to a removed number, when it is %s",
  async (state) => {
    const ledger = createSendLedger({ sql: harness.sql, leaseMs: 60_000, now: () => new Date(harness.clock.ms) });
    const events = appointmentEvents();
    await harness.deliver(events.created({ patientPhone: "+4930123456" }));
    const claimed = await ledger.claim("sms", 1);
    const [held] = state === "claimed" ? claimed : await ledger.start(claimed);
    if (!["claimed", "sending"].includes(state)) {
      await harness.sql`update sends set state = ${state} where channel = 'sms'`;
    }
    await harness.deliver(events.contactChanged(2, { removed: ["patientPhone"] }));

    const [row] = await harness.sql<{ id: string }[]>`select id from sends where channel = 'sms'`;
    if (state === "sending") {
      await ledger.record(held!, { state: "pending", reason: "refused", delayMs: 0, attempts: 0 });
    } else if (state === "claimed") {
      expect(await ledger.start(claimed)).toEqual([]);
    } else {
      const asked = { id: row!.id, actor: "ada", now: new Date(harness.clock.ms) };
      await expect(resendSend(harness.sql, asked)).rejects.toThrow(/recipient was removed/);
    }
    expect(await texts()).not.toContain("sms-booked +4930123456 pending");
    expect(await ledger.claim("sms", 10)).toEqual([]);
  },
);

it("goes to a number that is given again, and to a doctor who has the removed one", async () => {
  await harness.deliver(doctorUpdated("dr-lovelace", { phone: "+4930123456" }, 2));
  const events = appointmentEvents();
  await harness.deliver(events.created({ patientPhone: "+4930123456" }));
  await harness.deliver(events.contactChanged(2, { removed: ["patientPhone"] }));
  expect(await texts()).toEqual(["sms-booked +4930123456 pending"]);
  await harness.deliver(events.contactChanged(3, { patientPhone: "+4930654321" }));
  expect(await texts()).toContain("sms-booked +4930654321 pending");
});

it("knows nothing of a removed field that has another name, and takes what is there for what counts", async () => {
  const events = appointmentEvents();
  await harness.deliver(events.created({ patientPhone: "+4930123456", locale: "de" }));
  await harness.deliver(events.contactChanged(2, { removed: ["patientFax"] }));
  await harness.deliver(events.contactChanged(3, { removed: ["locale"] }));
  const [visit] = await harness.sql`select patient_phone, locale from notification_visits`;
  expect(visit).toEqual({ patient_phone: "+4930123456", locale: null });
  expect(await texts()).toEqual(["sms-booked +4930123456 pending"]);
});

it("does not hold up the mails while the gateway is away", async () => {
  const { url } = await startMailServer();
  const sms = createSmsGateway({
    url: "http://127.0.0.1:1",
    accountSid: "AC1",
    authToken: "s",
    from: "+1",
    timeoutMs: 2000,
  });
  run(harness.sql, harness.senders({ mailer: harness.mailer(url), sms }));
  await bookByPhone();
  await eventually(async () => expect(await harness.states()).toEqual({ sent: 2, pending: 1 }));
  expect(await stateOf("sms")).toMatchObject({ state: "pending", attempts: 0 });
});
