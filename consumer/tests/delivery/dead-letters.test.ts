import { Buffer } from "node:buffer";
import { afterAll, beforeAll, beforeEach, expect, test, vi } from "vitest";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { replayDeadLetter } from "../../src/delivery/dead-letters/replay-dead-letter.ts";
import { readConfig } from "../../src/config.ts";
import { dlqCommand } from "../../src/delivery/dead-letters/command.ts";
import { PermanentError } from "../../src/delivery/permanent-error.ts";
import { listDeadLetters } from "../../src/delivery/dead-letters/dead-letter-store.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  settings,
  testJob,
} from "../support/delivery-harness.ts";

let harness: DeliveryHarness;
const stopped = new AbortController();
let running: Promise<void>;
let accept: (eventId: string) => boolean;
const handled: string[] = [];

beforeAll(async () => {
  harness = await createDeliveryHarness();
  harness.consume([testJob("analytics", ({ eventId }) => {
    if (!accept(eventId)) return Promise.reject(new PermanentError("not-today", "come back later"));
    handled.push(eventId);
    return Promise.resolve(applied);
  })]);
  const consumer = createDeadLetterConsumer({
    job: "analytics",
    queue: harness.topology.analytics,
    connection: harness.connection,
    maxMessageBytes: settings.maxMessageBytes,
    sql: harness.database.sql,
    log: createLogger("silent"),
    now: () => new Date(),
  });
  running = consumer.run(stopped.signal);
});
beforeEach(async () => {
  accept = () => false;
  await harness.database.sql`delete from dead_letters`;
});
afterAll(async () => {
  stopped.abort();
  await running;
  await harness.close();
});

async function eventually(assertion: () => Promise<void> | void) {
  await vi.waitFor(assertion, { timeout: 60_000, interval: 25 });
}

async function stored(settled = false) {
  return await listDeadLetters(harness.database.sql, {}, { settled, limit: 100 });
}

async function storedOnce(body: unknown, properties = {}) {
  await harness.publish(body, properties);
  await eventually(async () => expect(await stored()).toHaveLength(1));
  return (await stored())[0]!;
}

async function run(...args: string[]) {
  const printed: string[] = [];
  const noted: string[] = [];
  const code = await dlqCommand.run(args, {
    config: readConfig({ DATABASE_URL: harness.database.url, AMQP_URL: harness.vhost.amqpUrl, JOBS: "none" }),
    openDatabase: () => harness.database.sql,
    print: (line) => printed.push(line),
    note: (line) => noted.push(line),
  });
  return { code, printed, noted };
}

test("a dead letter is stored with its bytes, its properties and its history", async () => {
  const event = createdEvent({ correlationId: "request-7" });
  const body = Buffer.from(JSON.stringify(event, null, 2));
  const letter = await storedOnce(body, { messageId: "m-1", headers: { traceparent: "00-a" } });
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

test.each([
  ["bytes that are no text", Buffer.from([0, 255, 1])],
  ["nothing", Buffer.alloc(0)],
  ["NUL characters", Buffer.from(JSON.stringify({ eventId: "a\0b", eventName: "\0" }))],
])("%s can be stored", async (_, body) => {
  const letter = await storedOnce(body, { correlationId: "c\0d", headers: { note: "e\0f" } });
  expect(body.equals(letter.body)).toBe(true);
});

test("what the broker dead-lettered itself is stored with the broker's reason", async () => {
  const { queue, exchange, routingKey } = harness.topology.analytics.deadLetter;
  const death = { count: 1, reason: "delivery_limit", queue, exchange: "", "routing-keys": ["x"] };
  await harness.publish(createdEvent(), { headers: { "x-death": [death] } }, exchange, routingKey);
  await eventually(async () => expect(await stored()).toMatchObject([{ reason: "delivery_limit" }]));
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
    ...{ job: "audit", queue: audit, connection, maxMessageBytes, sql, log },
    now: () => new Date(),
  });
  const storing = consumer.run(stop.signal);
  await eventually(async () => expect(await stored()).toMatchObject([{ reason: "crashed-process", eventKey: "m-2" }]));
  stop.abort();
  await storing;
});

test("a replayed dead letter takes effect with a fresh set of attempts, and is marked and audited", async () => {
  const event = createdEvent();
  const { id } = await storedOnce(event);
  accept = () => true;
  expect(await run("replay", id)).toMatchObject({ code: 0, printed: [`${id} replayed`] });
  await eventually(() => expect(handled).toContain(event.eventId));
  expect(await stored()).toEqual([]);
  expect(await stored(true)).toMatchObject([{ id, state: "replayed" }]);
  const audited = await harness.database.sql`
    select action, actor from audit_outcomes where event_key = ${event.eventId} order by action`;
  expect(audited).toMatchObject([
    { action: "applied" },
    { action: "dead-lettered" },
    { action: "replayed", actor: expect.stringMatching(/^operator/) },
  ]);
  expect(await run("replay", id)).toMatchObject({ code: 1, noted: [`${id} is not there, or settled already`] });
});

test("a replay that fails again is a new dead letter", async () => {
  const { id } = await storedOnce(createdEvent());
  await run("replay", id);
  await eventually(async () => expect(await stored()).toHaveLength(1));
  const [again] = await stored();
  expect(again).not.toMatchObject({ id });
  expect(again!.headers).toMatchObject({ "x-attempts": 1 });
});

test("a replay that the broker does not confirm leaves the dead letter in the store", async () => {
  const { id } = await storedOnce(createdEvent());
  const refusing = { publish: () => Promise.reject(new Error("message nacked")) };
  const { topology, database: { sql } } = harness;
  const replay = replayDeadLetter({ sql, publisher: refusing, topology, now: () => new Date(), actor: "test" }, id);
  await expect(replay).rejects.toThrow("message nacked");
  expect(await stored()).toMatchObject([{ id, state: "stored" }]);
});

test("all of one reason are replayed, no faster than the rate", async () => {
  const events = [createdEvent(), createdEvent(), createdEvent()];
  for (const event of events) await harness.publish(event);
  await harness.publish(Buffer.from("{"));
  await eventually(async () => expect(await stored()).toHaveLength(4));
  accept = () => true;
  const started = performance.now();
  const { code, printed } = await run("replay", "--all", "--reason", "not-today", "--rate", "20", "--json");
  expect(code).toBe(0);
  expect(performance.now() - started).toBeGreaterThanOrEqual(148);
  expect(printed.map((line) => JSON.parse(line).replayed)).toEqual([true, true, true]);
  await eventually(() => expect(handled).toEqual(expect.arrayContaining(events.map((event) => event.eventId))));
  expect(await stored()).toMatchObject([{ reason: "not-json" }]);
});

test("a discarded dead letter says why, and is not replayed with the others", async () => {
  const { id } = await storedOnce(createdEvent());
  expect(await run("discard", id, "--why", "a test booking")).toMatchObject({ code: 0 });
  expect(await stored(true)).toMatchObject([{ id, state: "discarded", settledWhy: "a test booking" }]);
  expect(await run("replay", "--all")).toMatchObject({ code: 0, printed: [] });
});

test("list and show tell what is there, as JSON too", async () => {
  const event = createdEvent();
  const { id } = await storedOnce(event);
  const list = await run("list", "--job", "analytics");
  expect(list.printed.map((line) => line.split(/ {2,}/))).toEqual([
    ["ID", "STORED", "JOB", "REASON", "EVENT", "APPOINTMENT OR DOCTOR", "EVENT ID"],
    [
      id,
      expect.stringMatching(/Z$/),
      "analytics",
      "not-today",
      "appointment.created",
      event.aggregateId,
      event.eventId,
    ],
  ]);
  expect((await run("list", "--settled")).printed[0]).toMatch(/STATE$/);
  const [asJson] = (await run("list", "--json")).printed;
  expect(JSON.parse(asJson!)).toMatchObject({ id, aggregateId: event.aggregateId, body: JSON.stringify(event) });
  const { printed: [json] } = await run("show", id, "--json");
  expect(JSON.parse(json!)).toMatchObject({ id, body: JSON.stringify(event) });
  expect((await run("show", "999999999")).code).toBe(1);
});

test("a group that is empty says so, and what there is instead", async () => {
  await storedOnce(createdEvent());
  for (const group of [["--job", "audit"], ["--reason", "nottoday"], ["--event", "appointment.craeted"]]) {
    for (const command of [["list"], ["replay"], ["discard", "--why", "none of ours"]]) {
      expect(await run(...command, ...group)).toEqual({
        code: 0,
        printed: [],
        noted: [
          `There are no dead letters with ${group.join(" ").slice(2)}; ` +
          "unsettled are: 1 of analytics with not-today.",
        ],
      });
    }
  }
  expect(await stored()).toHaveLength(1);
  await harness.database.sql`delete from dead_letters`;
  expect(await run("list")).toEqual({ code: 0, printed: [], noted: ["There are no dead letters."] });
});

test("a group is discarded, by event, by reason, by job, and nothing else", async () => {
  const event = createdEvent();
  await harness.publish(event);
  await harness.publish(Buffer.from("{"));
  await eventually(async () => expect(await stored()).toHaveLength(2));
  expect((await run("discard", "--event", "appointment.created", "--why", "a test booking")).printed).toHaveLength(1);
  expect(await stored()).toMatchObject([{ reason: "not-json" }]);
  const group = ["--reason", "not-json", "--job", "analytics"];
  expect((await run("discard", ...group, "--why", "half a message")).printed).toHaveLength(1);
  expect(await stored()).toEqual([]);
});

test("a NUL in a header's name or value keeps no dead letter out of the store", async () => {
  const letter = await storedOnce(createdEvent(), { headers: { "a\0b": { "c\0": ["d\0"] } } });
  expect(letter.headers).toMatchObject({ "a\uFFFDb": { "c\uFFFD": ["d\uFFFD"] } });
});

test("bytes that are no text are shown as base64, however many", async () => {
  const body = Buffer.alloc(300_000, 0xff);
  const { id } = await storedOnce(body);
  const { printed: [json] } = await run("show", id, "--json");
  expect(body.equals(Buffer.from(JSON.parse(json!).bodyBase64, "base64"))).toBe(true);
});

test.each([
  [[]],
  [["eat"]],
  [["list", "5"]],
  [["list", "--job", "analytic"]],
  [["list", "--limit", "0"]],
  [["list", "--limit", "99999999999999999999"]],
  [["replay"]],
  [["replay", "1", "--all"]],
  [["replay", "1", "--reason", "gap"]],
  [["replay", "--all", "--job", "analytic"]],
  [["replay", "--all", "--rate", "fast"]],
  [["discard", "1"]],
  [["discard", "--why", "no longer wanted"]],
  [["discard", "--job", "analytic", "--why", "no longer wanted"]],
  [["show", "x"]],
  [["show", "1", "2"]],
])("%j is a usage error", async (args) => {
  await expect(run(...args)).rejects.toMatchObject({ name: "UsageError" });
});

test("the usage error of a job that isn't there names those that are", async () => {
  await expect(run("list", "--job", "analytic")).rejects.toThrow(/analytic: .*notifications.*analytics/);
});
