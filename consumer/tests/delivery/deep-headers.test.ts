import { Buffer } from "node:buffer";
import { afterAll, beforeAll, expect, test } from "vitest";
import { connect } from "amqplib";
import { createDeadLetterConsumer } from "../../src/delivery/dead-letters/dead-letter-consumer.ts";
import { replayDeadLetter } from "../../src/delivery/dead-letters/replay-dead-letter.ts";
import { type JobName, jobs } from "../../src/generated/jobs.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  testJob,
} from "../support/delivery-harness.ts";
import { neverPaused } from "../../src/postgres/job-pauses.ts";

const names = Object.keys(jobs) as JobName[];
let harness: DeliveryHarness;
const stop = new AbortController();
let stopped: Promise<unknown>;
const handled: string[] = [];

beforeAll(async () => {
  harness = await createDeliveryHarness();
  const { connection, database: { sql }, topology } = harness;
  const log = createLogger("silent");
  harness.consume(names.map((name) =>
    testJob(name, ({ eventId }) => {
      handled.push(`${name} ${eventId}`);
      return Promise.resolve(applied);
    })
  ));
  stopped = Promise.all(names.map((job) =>
    createDeadLetterConsumer({
      ...{ job, queue: topology[job], connection, maxMessageBytes: 1_048_576, sql, log, now: () => new Date() },
      pauses: neverPaused,
    }).run(stop.signal)
  ));
});
afterAll(async () => {
  stop.abort();
  await stopped;
  await harness.close();
});

/** The content of a field of the given type, which holds another, and so on. */
function nested(tags: string): Buffer {
  const size = Buffer.alloc(4);
  let value = Buffer.from("t\x01");
  for (const tag of tags) {
    const inner = tag === "F" ? Buffer.concat([Buffer.from("\x01a"), value]) : value;
    size.writeUInt32BE(inner.length);
    value = Buffer.concat([Buffer.from(tag), size, inner]);
  }
  return value.subarray(5);
}

/**
 * Publishes as a stranger does whose client encodes without recursion: the header `deep` is a table or an array, given as
 * its content.
 */
async function publish(exchange: string, routingKey: string, event: object, headers: object, tag = "F") {
  const stranger = await connect(harness.vhost.amqpUrl);
  const { stream } = stranger.connection as unknown as { stream: { write(bytes: Buffer): boolean } };
  const write = stream.write.bind(stream);
  stream.write = (bytes) => {
    // A byte array is laid out as a table is; only its type differs.
    const at = bytes.indexOf("\x04deepx");
    if (at >= 0) bytes.write(tag, at + 5);
    return write(bytes);
  };
  const channel = await stranger.createConfirmChannel();
  channel.publish(exchange, routingKey, Buffer.from(JSON.stringify(event)), { headers, persistent: true });
  await channel.waitForConfirms();
  await stranger.close();
}

const letters = (eventId: string) =>
  harness.database.sql<{ id: string; job: JobName; reason: string; headers: object }[]>`
    select id, job, reason, headers from dead_letters where event_key = ${eventId} order by job`;

test.each([
  ["a table 4,000 levels deep", "F".repeat(4_000)],
  ["an array 4,000 levels deep", "A".repeat(4_000)],
  ["tables and arrays by turns", "AF".repeat(2_000)],
])("%s in a header makes one dead letter a job, and no other message notices", async (_, tags) => {
  const open = await harness.connection.current(stop.signal);
  const event = createdEvent();
  const innocents = Array.from({ length: 5 }, () => createdEvent());
  await publish("appointments.ex", "appointment.created", event, { kept: "yes", deep: nested(tags) }, tags.at(-1));
  for (const innocent of innocents) await harness.publish(innocent);

  const expected = names.toSorted().map((job) => ({ job, reason: "unreadable-headers" }));
  await expect.poll(async () => (await letters(event.eventId)).map(({ job, reason }) => ({ job, reason })), {
    timeout: 30_000,
  }).toEqual(expected);
  for (const { headers } of await letters(event.eventId)) expect(headers).toMatchObject({ kept: "yes" });
  const everywhere = innocents.flatMap(({ eventId }) => names.map((name) => `${name} ${eventId}`));
  await expect.poll(() => handled.filter((line) => everywhere.includes(line)).toSorted(), { timeout: 30_000 })
    .toEqual(everywhere.toSorted());
  expect(await harness.connection.current(stop.signal)).toBe(open);

  // The event itself is sound: without those headers it is processed.
  const { database: { sql }, publisher, topology } = harness;
  const { id, job } = (await letters(event.eventId))[0]!;
  await replayDeadLetter({ sql, publisher, topology, now: () => new Date(), actor: "test" }, id);
  await expect.poll(() => handled.filter((line) => line === `${job} ${event.eventId}`), { timeout: 30_000 })
    .toHaveLength(1);
});

test("a dead letter with such headers is stored, and so is the one behind it", async () => {
  const [deep, next] = [createdEvent(), createdEvent()];
  await publish("DLX", "apt.audit.dlq", deep, { deep: nested("F".repeat(4_000)), "x-reason": "mine" });
  await publish("DLX", "apt.audit.dlq", next, {});
  for (const { eventId } of [deep, next]) {
    await expect.poll(() => letters(eventId), { timeout: 30_000 }).toHaveLength(1);
  }
  expect((await letters(deep.eventId))[0]).toMatchObject({ job: "audit", reason: "mine" });
});
