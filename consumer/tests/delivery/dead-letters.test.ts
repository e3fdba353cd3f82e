import { Buffer } from "node:buffer";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { replayDeadLetter } from "../../src/delivery/dead-letters/replay-dead-letter.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createDeadLetterDesk, type DeadLetterDesk } from "../support/dead-letter-desk.ts";
import { eventually } from "../support/eventually.ts";
import { createdEvent, settings } from "../support/delivery-harness.ts";
import { neverPaused } from "../../src/postgres/job-pauses.ts";

let desk: DeadLetterDesk;
let harness: DeadLetterDesk["harness"];

beforeAll(async () => {
  desk = await createDeadLetterDesk();
  harness = desk.harness;
});
beforeEach(() => desk.clear());
afterAll(() => desk.close());

test("a dead letter is stored with its bytes, its properties and its history", async () => {
  const event = createdEvent({ correlationId: "request-7" });
  const body = Buffer.from(JSON.stringify(event, null, 2));
  const letter = await desk.storedOnce(body, { messageId: "m-1", headers: { traceparent: "00-a" } });
  expect(letter).toMatchObject({
    job: "analytics",
    reason: "not-today",
    eventKey: event.eventId,
    eventName: "appointment.created",
    aggregateId: event.aggregateId,
    correlationId: "request-7",
    properties: { messageId: "m-1" },
    headers: { traceparent: "00-a", "x-attempts": 1, "x-error-class": "PermanentError" },
    state: "stored",
  });
  expect(body.equals(letter.body)).toBe(true);
  const audited = await harness.database.sql`
    select action, detail from audit_outcomes where event_key = ${event.eventId} order by id`;
  expect(audited).toMatchObject([{ action: "dead-lettered", detail: { reason: "not-today", deadLetter: letter.id } }]);
});

test("what the broker dead-lettered itself is stored with the broker's reason", async () => {
  const { queue, exchange, routingKey } = harness.topology.analytics.deadLetter;
  const death = { count: 1, reason: "delivery_limit", queue, exchange: "", "routing-keys": ["x"] };
  await harness.publish(createdEvent(), { headers: { "x-death": [death] } }, exchange, routingKey);
  await eventually(async () => expect(await desk.stored()).toMatchObject([{ reason: "delivery_limit" }]));
});

test("a dead letter that has taken processes down is stored unread when it is redelivered", async () => {
  const { connection, database: { sql }, topology: { audit } } = harness;
  const { exchange, routingKey, queue } = audit.deadLetter;
  const publication = { messageId: "m-2", headers: { "x-reason": "crashed-process" } };
  await harness.publish(createdEvent(), publication, exchange, routingKey);
  const channel = await (await connection.current(AbortSignal.timeout(5_000))).createChannel();
  expect(await channel.get(queue)).toBeTruthy();
  await channel.close();
  const stop = new AbortController();
  const { maxMessageBytes } = settings;
  const log = createLogger("silent");
  const consumer = createDeadLetterConsumer({
    ...{ job: "audit", queue: audit, connection, maxMessageBytes, sql, log, pauses: neverPaused },
    now: () => new Date(),
  });
  const storing = consumer.run(stop.signal);
  await eventually(async () =>
    expect(await desk.stored()).toMatchObject([{ reason: "crashed-process", eventKey: "m-2" }])
  );
  stop.abort();
  await storing;
});

test("a replayed dead letter takes effect with a fresh set of attempts, and is marked and audited", async () => {
  const event = createdEvent();
  const { id } = await desk.storedOnce(event);
  desk.accept(() => true);
  expect(await desk.run("replay", id)).toMatchObject({ code: 0, printed: [`${id} replayed`] });
  await eventually(() => expect(desk.handled).toContain(event.eventId));
  expect(await desk.stored()).toEqual([]);
  expect(await desk.stored(true)).toMatchObject([{ id, state: "replayed" }]);
  const audited = await harness.database.sql`
    select action, actor from audit_outcomes where event_key = ${event.eventId} order by action`;
  expect(audited).toMatchObject([
    { action: "applied" },
    { action: "dead-lettered" },
    { action: "replayed", actor: expect.stringMatching(/^operator/) },
  ]);
  expect(await desk.run("replay", id)).toMatchObject({ code: 1, noted: [`${id} is not there, or settled already`] });
});

test("a replay that fails again is a new dead letter", async () => {
  const { id } = await desk.storedOnce(createdEvent());
  await desk.run("replay", id);
  await eventually(async () => expect(await desk.stored()).toHaveLength(1));
  const [again] = await desk.stored();
  expect(again).not.toMatchObject({ id });
  expect(again!.headers).toMatchObject({ "x-attempts": 1 });
});

test("a replay that the broker does not confirm leaves the dead letter in the store", async () => {
  const { id } = await desk.storedOnce(createdEvent());
  const refusing = { publish: () => Promise.reject(new Error("message nacked")) };
  const { topology, database: { sql } } = harness;
  const replay = replayDeadLetter({ sql, publisher: refusing, topology, now: () => new Date(), actor: "test" }, id);
  await expect(replay).rejects.toThrow("message nacked");
  expect(await desk.stored()).toMatchObject([{ id, state: "stored" }]);
});

test("all of one reason are replayed, no faster than the rate", async () => {
  const events = [createdEvent(), createdEvent(), createdEvent()];
  for (const event of events) await harness.publish(event);
  await harness.publish(Buffer.from("{"));
  await eventually(async () => expect(await desk.stored()).toHaveLength(4));
  desk.accept(() => true);
  const started = performance.now();
  const { code, printed } = await desk.run("replay", "--all", "--reason", "not-today", "--rate", "20", "--json");
  expect(code).toBe(0);
  expect(performance.now() - started).toBeGreaterThanOrEqual(148);
  expect(printed.map((line) => JSON.parse(line).replayed)).toEqual([true, true, true]);
  await eventually(() => expect(desk.handled).toEqual(expect.arrayContaining(events.map((event) => event.eventId))));
  expect(await desk.stored()).toMatchObject([{ reason: "not-json" }]);
});

test("a NUL in a header's name or value keeps no dead letter out of the store", async () => {
  const letter = await desk.storedOnce(createdEvent(), { headers: { "a\0b": { "c\0": ["d\0"] } } });
  expect(letter.headers).toMatchObject({ "a\uFFFDb": { "c\uFFFD": ["d\uFFFD"] } });
});
