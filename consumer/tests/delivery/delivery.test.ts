import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { JobOutcome } from "../../src/jobs/job.ts";
import { PermanentError } from "../../src/delivery/permanent-error.ts";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  type TestEvent,
  testJob,
  type TestStore,
} from "../support/delivery-harness.ts";
import { eventually } from "../support/eventually.ts";

let harness: DeliveryHarness;
let stop = () => Promise.resolve();

beforeAll(async () => {
  harness = await createDeliveryHarness();
});
afterEach(() => stop());
afterAll(() => harness.close());

async function record({ eventId }: TestEvent, transaction: TestStore): Promise<JobOutcome> {
  await transaction`insert into effects values (${eventId})`;
  return applied;
}

async function effectsOf(eventId: string): Promise<number> {
  return (await harness.database.sql`select from effects where event_id = ${eventId}`).count;
}

function consume(handle: (event: TestEvent, transaction: TestStore) => Promise<JobOutcome>, waitLimitMs?: number) {
  stop = harness.consume([testJob("analytics", handle)], waitLimitMs === undefined ? {} : { waitLimitMs });
}

async function nextDeadLetter() {
  return await eventually(async () => {
    const message = await harness.take("apt.created.dlq");
    expect(message).toBeDefined();
    return message!;
  });
}

test("an event takes effect once, however often it is delivered", async () => {
  consume(record);
  const event = createdEvent();
  for (let delivery = 0; delivery < 3; delivery++) await harness.publish(event);
  const marker = createdEvent();
  await harness.publish(marker);
  await eventually(async () => expect(await effectsOf(marker.eventId)).toBe(1));
  await eventually(async () => {
    expect(await harness.metrics.registry.metrics()).toContain('events_duplicate_total{consumer_job="analytics"} 2');
  });
  expect(await effectsOf(event.eventId)).toBe(1);
});

test("an event id is the same in capitals, wherever it stands", async () => {
  const event = createdEvent();
  const { eventId, ...bare } = event;
  const seen: string[] = [];
  stop = harness.consume([testJob("analytics", (_, __, { eventKey }) => {
    seen.push(eventKey);
    return Promise.resolve(applied);
  })]);
  const marker = createdEvent();
  const duplicates = async () => (await harness.metrics.duplicates.get()).values[0]?.value ?? 0;
  const before = await duplicates();
  await harness.publish({ ...event, eventId: eventId.toUpperCase() });
  await harness.publish(event);
  await harness.publish(bare, { messageId: eventId.toUpperCase() });
  await harness.publish(marker);
  await eventually(async () => expect(await duplicates()).toBe(before + 2));
  await eventually(() => expect(seen.toSorted()).toEqual([eventId, marker.eventId].toSorted()));
});

test("without an eventId the message id tells deliveries apart, without that the body does", async () => {
  const seen: string[] = [];
  stop = harness.consume([testJob("analytics", (_event, _store, { eventKey }) => {
    seen.push(eventKey);
    return Promise.resolve(applied);
  })]);
  const { eventId: _, ...bare } = createdEvent();
  for (let delivery = 0; delivery < 2; delivery++) await harness.publish(bare, { messageId: "m-1" });
  for (let delivery = 0; delivery < 2; delivery++) await harness.publish(bare);
  await eventually(() => expect(seen).toHaveLength(2));
  const marker = createdEvent();
  await harness.publish(marker);
  await eventually(() => expect(seen).toEqual(["m-1", expect.stringMatching(/^[0-9a-f]{64}$/), marker.eventId]));
});

test("what a job wrote before it failed is rolled back, and the retry writes it once", async () => {
  let attempts = 0;
  consume(async (event, transaction) => {
    await record(event, transaction);
    attempts += 1;
    if (attempts < 3) throw new Error("not yet");
    return applied;
  });
  const event = createdEvent();
  await harness.publish(event);
  await eventually(async () => expect(await effectsOf(event.eventId)).toBe(1));
  expect(attempts).toBe(3);
});

test("a message that keeps failing ends in the dead letters with its bytes, properties and history", async () => {
  let attempts = 0;
  consume(() => {
    attempts += 1;
    return Promise.reject(new TypeError(`no room for ann@example.org (${attempts})`));
  });
  const event = createdEvent();
  const body = Buffer.from(JSON.stringify(event, null, 1));
  await harness.publish(body, { messageId: event.eventId, headers: { traceparent: "00-1-2-3" }, type: "x" });
  const { content, properties } = await nextDeadLetter();
  expect(content.equals(body)).toBe(true);
  expect(properties).toMatchObject({ messageId: event.eventId, type: "x", deliveryMode: 2 });
  expect(properties.headers).toMatchObject({
    traceparent: "00-1-2-3",
    "x-reason": "retries-exhausted",
    "x-attempts": 5,
    "x-error-class": "TypeError",
    "x-error-message": "no room for <e-mail> (5)",
    "x-first-failed-at": expect.stringMatching(/Z$/),
    "x-last-failed-at": expect.stringMatching(/Z$/),
  });
  expect(attempts).toBe(5);
});

test("a permanent error goes to the dead letters at once", async () => {
  let attempts = 0;
  consume(() => {
    attempts += 1;
    return Promise.reject(new PermanentError("unknown-zone", "no such zone"));
  });
  await harness.publish(createdEvent());
  const { properties } = await nextDeadLetter();
  expect(properties.headers).toMatchObject({ "x-reason": "unknown-zone", "x-attempts": 1 });
  expect(attempts).toBe(1);
});

test("an event that waits is delivered again without using up an attempt, and rolled back meanwhile", async () => {
  let deliveries = 0;
  consume(async (event, transaction) => {
    await record(event, transaction);
    deliveries += 1;
    return deliveries < 8 ? { kind: "wait", reason: "the doctor is not known yet" } : applied;
  });
  const event = createdEvent();
  await harness.publish(event);
  await eventually(() => expect(deliveries).toBe(8));
  await eventually(async () => expect(await effectsOf(event.eventId)).toBe(1));
  expect(await harness.take("apt.created.dlq")).toBeUndefined();
});

test("an event that has waited past the limit is dead-lettered as a gap", async () => {
  consume(() => Promise.resolve({ kind: "wait", reason: "predecessor 3 is missing" }), 150);
  await harness.publish(createdEvent());
  const { properties } = await nextDeadLetter();
  expect(properties.headers).toMatchObject({
    "x-reason": "gap",
    "x-attempts": 0,
    "x-error-message": "predecessor 3 is missing",
  });
});

test("events of one appointment are handled in the order in which they came, others at the same time", async () => {
  const [one, two] = [randomUUID(), randomUUID()];
  const events = [one, one, two, one, two].map((aggregateId) => createdEvent({ aggregateId }));
  const running = new Set<string>();
  const order: string[] = [];
  let goOn = () => {};
  const mayGoOn = new Promise<void>((resolve) => (goOn = resolve));
  consume(async (event) => {
    expect(running.has(event.aggregateId)).toBe(false);
    running.add(event.aggregateId);
    await mayGoOn;
    order.push(event.eventId);
    running.delete(event.aggregateId);
    return applied;
  });
  await harness.publish(events[0]);
  await eventually(() => expect(running).toEqual(new Set([one])));
  for (const event of events.slice(1)) await harness.publish(event);
  // While the first is at work, nothing else of its appointment is, and the other appointment doesn't wait.
  await eventually(() => expect(running).toEqual(new Set([one, two])));
  goOn();
  await eventually(() => expect(order).toHaveLength(5));
  for (const aggregateId of [one, two]) {
    const sent: string[] = events.filter((event) => event.aggregateId === aggregateId).map((event) => event.eventId);
    expect(order.filter((eventId) => sent.includes(eventId))).toEqual(sent);
  }
});
