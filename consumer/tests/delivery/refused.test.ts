import { Buffer } from "node:buffer";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { JobOutcome } from "../../src/jobs/job.ts";
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

async function record({ eventId, payload }: TestEvent, transaction: TestStore): Promise<JobOutcome> {
  const { timeZone = "" } = payload as { timeZone?: string };
  await transaction`
    insert into effects select ${eventId}, ${new Date(payload.appointmentDate)} where ${timeZone}::text is not null`;
  return applied;
}

async function effectsOf(eventId: string): Promise<number> {
  return (await harness.database.sql`select from effects where event_id = ${eventId}`).count;
}

function consume() {
  stop = harness.consume([testJob("notifications", record)]);
}

async function nextDeadLetter() {
  return await eventually(async () => {
    const message = await harness.take(harness.topology.notifications.deadLetter.queue);
    expect(message).toBeDefined();
    return message!;
  });
}

const inYearZero = createdEvent();
inYearZero.payload.appointmentDate = "0000-01-01T00:00:00Z";

test.each([
  ["empty-body", Buffer.alloc(0)],
  ["not-json", Buffer.from("{")],
  ["not-json", Buffer.from([0x22, 0xff, 0x22])],
  ["schema-violation", Buffer.from("null")],
  ["schema-violation", Buffer.from(JSON.stringify(createdEvent({ payload: { doctorId: 7 } })))],
  ["schema-violation", Buffer.from(JSON.stringify(createdEvent({ timestamp: "2026-02-31T10:00:00Z" })))],
  ["unknown-event", Buffer.from(JSON.stringify(createdEvent({ eventName: "appointment.eaten" })))],
  ["unknown-event", Buffer.from(JSON.stringify(createdEvent({ eventName: "constructor" })))],
  ["newer-version", Buffer.from(JSON.stringify(createdEvent({ version: 99 })))],
  ["unknown-version", Buffer.from(JSON.stringify(createdEvent({ version: 0 })))],
  ["unstorable-value", Buffer.from(JSON.stringify(inYearZero))],
  [
    "unstorable-text",
    Buffer.from(JSON.stringify(createdEvent({ payload: { ...createdEvent().payload, timeZone: "\0" } }))),
  ],
])("%s: straight to the dead letters, and the next message is processed", async (reason, body) => {
  consume();
  const next = createdEvent();
  await harness.publish(body);
  await harness.publish(next);
  const { content, properties } = await nextDeadLetter();
  expect(properties.headers?.["x-reason"]).toBe(reason);
  expect(content.equals(body)).toBe(true);
  await eventually(async () => expect(await effectsOf(next.eventId)).toBe(1));
});

test("the header of a schema violation names the field and not its value", async () => {
  consume();
  await harness.publish(createdEvent({ payload: { ...createdEvent().payload, appointmentDate: "ann@example.org" } }));
  const { properties } = await nextDeadLetter();
  expect(properties.headers?.["x-error-message"]).toMatch(/^payload\.appointmentDate: must be/);
});
