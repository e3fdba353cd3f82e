import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, it, onTestFinished } from "vitest";
import { createUnknownSettler } from "../../../src/jobs/notifications/settle-unknown.ts";
import { createSmsMessages } from "../../../src/jobs/notifications/sms/sms-messages.ts";
import { eventually } from "../../support/eventually.ts";
import { appointmentEvents, doctorUpdated } from "./notifications-events.ts";
import { createHarness, type Harness, run, writer } from "./notifications-harness.ts";

const number = "+4930123456";
let harness: Harness;

beforeAll(async () => {
  harness = await createHarness();
});
afterAll(() => harness.drop());
beforeEach(async () => {
  await harness.empty();
  await harness.deliver(doctorUpdated("dr-lovelace"));
});

interface Listed {
  sid: string;
  body: string;
  to?: string;
  direction?: string;
  /** Minutes after the hand-over. */
  minute?: number;
}

const handedOver = Date.parse("2026-11-23T08:10:00Z");

/** A gateway whose list has these, two on a page. */
async function startList(list: readonly Listed[], { status = 200 } = {}): Promise<{ url: string; asked: string[] }> {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(request.url!);
    const address = new URL(request.url!, "http://gateway");
    const from = Number(address.searchParams.get("Page") ?? 0) * 2;
    const messages = list.slice(from, from + 2).map(({ minute = 0, ...one }) => ({
      to: number,
      direction: "outbound-api",
      ...one,
      date_created: new Date(handedOver + minute * 60_000).toUTCString(),
    }));
    const next = `${address.pathname}?To=${encodeURIComponent(number)}&Page=${from / 2 + 1}`;
    response.writeHead(status).end(JSON.stringify({ messages, next_page_uri: from + 2 < list.length ? next : null }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

/** A text message of which nobody knows whether the gateway took it; answers its words. */
async function unknownText(): Promise<string> {
  await harness.deliver(appointmentEvents().created({ patientPhone: number }));
  const [row] = await harness.sql`
    update sends set state = 'unknown', reason = 'socket hang up', updated_at = ${new Date(handedOver)}
    where channel = 'sms' and state = 'pending'
    returning event_key as "eventKey", channel, recipient, template, appointment_id as "appointmentId", content`;
  return writer.text(row as Parameters<typeof writer.text>[0]);
}

/** Runs the settler at this many minutes after the hand-over. */
function settle(url: string, minute: number): void {
  const { sql } = harness;
  harness.clock.ms = handedOver + minute * 60_000;
  const options = { accountSid: "AC1", authToken: "secret", from: "+4930999999", timeoutMs: 2000 };
  const settler = createUnknownSettler({
    sql,
    writer,
    messages: createSmsMessages({ ...options, url }),
    now: () => new Date(harness.clock.ms),
    log: pino({ enabled: false }),
    audited: () => {},
  });
  run(sql, [settler]);
}

const texts = async () =>
  await harness.sql`select state, reason, reference, settled_as from sends where channel = 'sms' order by id`;
const sent = (reference: string) => ({ state: "sent", reason: null, reference, settled_as: "sent" });
const unknown = { state: "unknown", reason: "socket hang up", reference: null, settled_as: null };

it("what the gateway's list has was sent, on whichever page it stands", async () => {
  const body = await unknownText();
  const { url, asked } = await startList([
    { sid: "SM5", body: "something else", minute: 5 },
    { sid: "SM4", body, direction: "inbound", minute: 4 },
    { sid: "SM3", body, to: "+4930000000", minute: 3 },
    { sid: "SM2", body, minute: 0 },
  ]);
  settle(url, 2);
  await eventually(async () => expect(await texts()).toEqual([sent("SM2")]));
  expect(asked[0]).toBe(`/2010-04-01/Accounts/AC1/Messages.json?To=${encodeURIComponent(number)}&PageSize=100`);
  expect(await harness.sql`select from audit_outcomes where action = 'found sent'`).toHaveLength(1);
});

it("what it doesn't have is waited for, and after a quarter of an hour was not sent: a person sees it", async () => {
  await unknownText();
  const { url, asked } = await startList([]);
  settle(url, 14);
  await eventually(() => expect(asked.length).toBeGreaterThan(0));
  expect(await texts()).toEqual([unknown]);
  harness.clock.ms = handedOver + 16 * 60_000;
  await eventually(async () =>
    expect(await texts()).toMatchObject([{
      state: "failed",
      reason: "the gateway has no such message",
      settled_as: null,
    }])
  );
});

it("a message that is known to be another send's, or is older, is not taken for it", async () => {
  const body = await unknownText();
  await harness.sql`
    update sends set state = 'sent', reference = 'SM1', settled_as = null where channel = 'sms'`;
  await unknownText();
  const { url } = await startList([{ sid: "SM1", body }, { sid: "SM0", body, minute: -20 }]);
  settle(url, 16);
  await eventually(async () => expect((await texts())[1]).toMatchObject({ state: "failed" }));
  expect((await texts())[0]).toMatchObject({ state: "sent", reference: "SM1" });
});

it("nobody is asked at once, nor where the list can't be read, nor after a day", async () => {
  await unknownText();
  const { url, asked } = await startList([], { status: 503 });
  settle(url, 0);
  harness.clock.ms = handedOver + 30 * 60_000;
  await eventually(() => expect(asked.length).toBeGreaterThan(0));
  expect(await texts()).toEqual([unknown]);
  const before = asked.length;
  harness.clock.ms = handedOver + 25 * 3_600_000;
  const [due] = await harness
    .sql`select count(*)::integer as count from sends where state = 'unknown' and ask_at is not null`;
  expect(due!["count"]).toBe(1);
  expect(asked.length - before).toBeLessThan(3);
  expect(await texts()).toEqual([unknown]);
});
