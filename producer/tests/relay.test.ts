import type { ConsumeMessage } from "amqplib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { eventually } from "./eventually.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createPrivateVhost, type PrivateVhost } from "./private-vhost.ts";
import { type RunningRelay, startRelay } from "./relay-under-test.ts";

let database: PrivateDatabase;
let vhost: PrivateVhost;
let api: Api;
let relays: RunningRelay[];

beforeEach(async () => {
  [database, vhost] = await Promise.all([createPrivateDatabase(), createPrivateVhost()]);
  relays = [];
  api = createApi(database.sql, { onCommitted: () => relays.forEach((relay) => relay.loop.wake()) });
});

afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await Promise.all([database.drop(), vhost.drop()]);
});

function relay(options: { pollMs?: number } = {}): RunningRelay {
  const running = startRelay(database.url, vhost.url, options);
  relays.push(running);
  return running;
}

const putDoctor = (id: string, change: object = {}) => api.send("PUT", `/v1/doctors/${id}`, { ...doctor, ...change });
const rows = (table: string) => database.sql`SELECT * FROM ${database.sql(table)} ORDER BY 1`;
const versions = (messages: ConsumeMessage[], aggregateId: string) =>
  messages.map((message) => JSON.parse(message.content.toString()))
    .filter((event) => event.aggregateId === aggregateId)
    .map((event) => event.aggregateVersion);

test("what is published is the stored text, with every property that the contract names", async () => {
  const { received } = await vhost.subscribe("#");
  relay();
  const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
  await putDoctor("dr-lovelace");
  await api.send("POST", "/v1/appointments", booking, {
    "X-Request-Id": "request-1",
    traceparent,
    tracestate: "vendor=1",
  });

  const message = await eventually(() => {
    expect(received).toHaveLength(2);
    return received[1] as ConsumeMessage;
  });
  const archived = await eventually(async () => {
    const [, row] = await rows("outbox_archive");
    expect(row).toBeDefined();
    return row;
  });
  expect(message.content.toString()).toBe(archived?.["body"]);
  const event = JSON.parse(message.content.toString());
  expect(message.fields).toMatchObject({ exchange: "appointments.ex", routingKey: "appointment.created" });
  expect(message.properties).toMatchObject({
    messageId: event.eventId,
    type: "appointment.created",
    correlationId: "request-1",
    timestamp: Math.floor(Date.parse(event.timestamp) / 1000),
    appId: "appointment-producer",
    contentType: "application/json",
    contentEncoding: "utf-8",
    deliveryMode: 2,
    headers: { traceparent, tracestate: "vendor=1", "x-event-version": 1 },
  });
  expect(await rows("outbox")).toHaveLength(0);
});

test("a commit wakes the relay: the event does not wait for the next poll", async () => {
  const { received } = await vhost.subscribe("#");
  relay({ pollMs: 60_000 });
  await putDoctor("dr-first");
  await eventually(() => expect(received).toHaveLength(1));
});

test("the archive is append-only", async () => {
  await vhost.subscribe("#");
  relay();
  await putDoctor("dr-lovelace");
  await eventually(async () => expect(await rows("outbox_archive")).toHaveLength(1));
  await expect(database.sql`UPDATE outbox_archive SET body = ''`).rejects.toThrow("append-only");
});

test("an event that no queue takes stays, and goes out once a queue is bound", async () => {
  const running = relay();
  await putDoctor("dr-lovelace");
  await eventually(async () => {
    const [row] = await rows("outbox");
    expect(row?.["last_error"]).toMatch(/^returned: .*NO_ROUTE/);
    expect(row?.["attempts"]).toBeGreaterThan(1);
  });
  expect(await running.metric("events_returned_total")).toBeGreaterThan(1);
  expect(await rows("outbox_archive")).toHaveLength(0);

  const { received } = await vhost.subscribe("doctor.*");
  await eventually(() => expect(received).toHaveLength(1));
  await eventually(async () => expect(await rows("outbox")).toHaveLength(0));
});

test("while one queue is full the others get each new event at once, and nothing is lost when it drains", async () => {
  const { received: neighbour } = await vhost.subscribe("#");
  const full = await vhost.bindQueue("#", {
    durable: true,
    arguments: { "x-queue-type": "quorum", "x-max-length": 1, "x-overflow": "reject-publish" },
  });
  const running = relay();
  // A quorum queue learns late that it is full, and takes more than its limit until then.
  let fillers = 0;
  await eventually(async () => {
    await putDoctor(`dr-filler-${fillers++}`);
    expect(await running.metric("events_nacked_total")).toBeGreaterThan(0);
  });
  await eventually(async () => {
    const errors = (await rows("outbox")).map((row) => row["last_error"]);
    expect(errors).toContain("nacked: the broker refused it (basic.nack)");
  });

  const latencies: number[] = [];
  for (let n = 0; n < 20; n++) {
    const started = performance.now();
    await putDoctor(`dr-${n}`);
    await eventually(() => expect(versions(neighbour, `dr-${n}`)).not.toEqual([]));
    latencies.push(performance.now() - started);
  }
  // The median: a machine that is busy for a moment is not what this is about.
  expect(latencies.sort((a, b) => a - b)[10]).toBeLessThan(400);
  // The refused ones are probed one at a time, so the neighbour does not see each of them again and again.
  const events = fillers + latencies.length;
  expect(neighbour.length).toBeLessThan(events + 25);

  const { received: drained } = await vhost.read(full);
  await eventually(async () => expect(await rows("outbox")).toHaveLength(0), 45_000);
  await eventually(() => expect(new Set(drained.map((message) => message.properties.messageId)).size).toBe(events));
});

test("a refused event holds back the later ones of its aggregate and no others", async () => {
  relay();
  const { received: patients } = await vhost.subscribe("appointment.*");
  await putDoctor("dr-lovelace");
  await putDoctor("dr-lovelace", { name: "Ada" });
  await putDoctor("dr-lovelace", { name: "Augusta" });
  await api.send("POST", "/v1/appointments", booking);
  await eventually(() => expect(patients).toHaveLength(1));
  await eventually(async () => {
    const waiting = await rows("outbox");
    expect(waiting.map((row) => [row["aggregate_version"], row["attempts"] > 0])).toEqual([[1, true], [2, false], [
      3,
      false,
    ]]);
  });

  const { received } = await vhost.subscribe("doctor.*");
  await eventually(() => expect(versions(received, "dr-lovelace")).toEqual([1, 2, 3]));
});

test("each aggregate's events arrive in the order of their versions", async () => {
  const { received } = await vhost.subscribe("#");
  const ids = Array.from({ length: 10 }, (_, n) => `dr-${n}`);
  for (let version = 1; version <= 10; version++) {
    await Promise.all(ids.map((id) => putDoctor(id, { name: `Name ${version}` })));
  }
  relay();

  await eventually(() => expect(received).toHaveLength(100));
  for (const id of ids) expect(versions(received, id)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

test("of many batches, two of them under way at a time, no event goes out twice", async () => {
  const { received } = await vhost.subscribe("#");
  const events = 2_050;
  await database.sql`
    INSERT INTO outbox (
      event_id, event_name, aggregate_type, aggregate_id, aggregate_version, correlation_id, occurred_at, body, headers
    )
    SELECT gen_random_uuid(), 'appointment.created', 'appointment', gen_random_uuid(), 1, 'request-1', now(), '{}', '{}'
    FROM generate_series(1, ${events}::int)`;
  relay();
  await eventually(async () => expect(await rows("outbox")).toHaveLength(0), 60_000);
  await eventually(() => expect(new Set(received.map(({ properties }) => properties.messageId)).size).toBe(events));
  expect(received).toHaveLength(events);
});

test("of two relays one leads, and the other takes over when the leader's connection is lost", async () => {
  const { received } = await vhost.subscribe("#");
  const both = [relay(), relay()];
  await eventually(() => expect(both.filter(({ loop }) => loop.isLeader())).toHaveLength(1));
  const leader = both.find(({ loop }) => loop.isLeader());
  // A leader that is lost between a confirm and the archive leaves an event that goes out twice.
  const doctors = () => new Set(received.map((message) => JSON.parse(message.content.toString()).aggregateId));
  await putDoctor("dr-before");
  await eventually(() => expect(doctors()).toContain("dr-before"));

  await leader?.stop();
  await eventually(() =>
    expect(both.filter(({ loop }) => loop.isLeader())).toEqual(both.filter((one) => one !== leader))
  );
  await putDoctor("dr-between");
  await eventually(() => expect(doctors()).toContain("dr-between"));

  const terminated = await database.sql`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'appointment-producer relay'`;
  expect(terminated.length).toBeGreaterThan(0);
  await putDoctor("dr-after");
  await eventually(() => expect(doctors()).toContain("dr-after"));
});
