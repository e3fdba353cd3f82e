import { Buffer } from "node:buffer";
import { randomBytes, randomUUID } from "node:crypto";
import { pino } from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness, settings } from "../support/delivery-harness.ts";
import { neverPaused } from "../../src/postgres/job-pauses.ts";

let harness: DeliveryHarness;
let running: Promise<void>;
const stop = new AbortController();
const log: string[] = [];

beforeAll(async () => {
  harness = await createDeliveryHarness();
  running = createDeadLetterConsumer({
    job: "analytics",
    queue: harness.topology.analytics,
    connection: harness.connection,
    maxMessageBytes: settings.maxMessageBytes,
    sql: harness.database.sql,
    pauses: neverPaused,
    log: pino({ formatters: { level: (level) => ({ level }) } }, { write: (line) => log.push(line) }),
    now: () => new Date(),
  }).run(stop.signal);
});
afterAll(async () => {
  stop.abort();
  await running;
  await harness.close();
});

/** Publishes a dead letter of this body, and answers what was stored and said about it. */
async function stored(body: unknown, properties = {}) {
  const { exchange, routingKey } = harness.topology.analytics.deadLetter;
  const content = Buffer.from(JSON.stringify(body));
  await harness.publish(content, properties, exchange, routingKey);
  const letters = () => harness.database.sql`select * from dead_letters where body = ${content}`;
  await expect.poll(letters, { timeout: 60_000 }).toHaveLength(1);
  const [letter] = await letters();
  const audited = await harness.database.sql`
    select * from audit_outcomes where detail->>'deadLetter' = ${letter!.id} and action = 'dead-lettered'`;
  const said = () => log.map((line) => JSON.parse(line)).filter((line) => line.deadLetter === letter!.id);
  await expect.poll(said).toHaveLength(1);
  return { letter: letter!, audited: audited[0]!, said: said()[0]! };
}

test("a dead letter is told in the log, with what finds it and nothing personal", async () => {
  const { eventId, aggregateId, ...event } = createdEvent({ correlationId: "request-9" });
  const { letter, said } = await stored({ ...event, eventId, aggregateId }, { headers: { "x-reason": "gap" } });
  expect(said).toMatchObject({
    level: "error",
    msg: "dead letter stored",
    job: "analytics",
    deadLetter: letter.id,
    reason: "gap",
    eventId,
    correlationId: "request-9",
  });
  expect(log.join()).not.toContain("ann@example.org");
});

// Text that does not compress: an index row holds less than 3 kB.
const long = () => randomBytes(6_000).toString("base64");

test.each(["eventId", "eventName", "aggregateId", "correlationId"])(
  "a body whose %s is longer than any index takes is stored at once",
  async (field) => {
    const { letter, audited } = await stored({ ...createdEvent(), [field]: long() });
    for (const row of [letter, audited]) expect(JSON.stringify({ ...row, body: "" }).length).toBeLessThan(1_000);
  },
);

test("a reason that nobody here gave is none", async () => {
  for (const reason of [long(), "ann@example.org", 7]) {
    const { letter } = await stored(createdEvent(), { headers: { "x-reason": reason } });
    expect(letter.reason).toBe("unknown");
  }
});

test("an address where an identifier belongs is neither logged nor audited", async () => {
  const address = `${randomUUID()}@example.org`;
  const body = {
    ...createdEvent(),
    eventId: address,
    eventName: address,
    aggregateId: address,
    correlationId: address,
  };
  const { letter, audited } = await stored(body, { messageId: address, correlationId: address });
  expect(JSON.stringify(audited)).not.toContain(address);
  expect(log.join()).not.toContain(address);
  expect(letter).toMatchObject({ event_name: null, aggregate_id: null, correlation_id: null });
});

test("two dead letters are two, even if their publisher gave them one name", async () => {
  const headers = { "x-publication": "mine", "x-death": [{ reason: "delivery_limit" }] };
  const channel = await (await harness.connection.current(AbortSignal.timeout(5_000))).createConfirmChannel();
  for (const body of ["{", "["]) channel.publish("DLX", "apt.created.dlq", Buffer.from(body), { headers });
  await channel.waitForConfirms();
  await channel.close();
  const letters = () => harness.database.sql`select from dead_letters where body in ('\\x7b', '\\x5b')`;
  await expect.poll(letters, { timeout: 60_000 }).toHaveLength(2);
});
