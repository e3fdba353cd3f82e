import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  applied,
  createDeliveryHarness,
  createdEvent,
  type DeliveryHarness,
  testJob,
} from "../support/delivery-harness.ts";
import { eventually } from "../support/eventually.ts";

let harness: DeliveryHarness;
let stop = () => Promise.resolve();

beforeAll(async () => {
  harness = await createDeliveryHarness();
});
afterEach(() => stop());
afterAll(() => harness.close());

// Headers that the broker takes and delivers, and that the client library cannot encode again.
test.each([
  ["a header below every 64-bit integer", { odd: { "!": "double", value: -1e30 } }],
  ["a header with a table of a foreign type", {
    odd: { "!": "object", value: { "!": { "!": "string", value: "mine" } } },
  }],
  ["headers that just fit", { big: "x".repeat(65_400) }],
])("%s keeps no message from its retries, its dead letters or its effect", async (_, headers) => {
  const [failing, hopeless] = [createdEvent(), createdEvent()];
  const handled: string[] = [];
  let attempts = 0;
  stop = harness.consume([testJob("analytics", ({ eventId }) => {
    if (eventId === hopeless.eventId || attempts++ < 2) return Promise.reject(new Error("not yet"));
    handled.push(eventId);
    return Promise.resolve(applied);
  })]);
  for (const event of [hopeless, failing]) {
    await harness.publish(event, { messageId: event.eventId, headers: { ...headers, traceparent: "00-a" } });
  }
  await eventually(() => expect(handled).toEqual([failing.eventId]));

  await eventually(async () => {
    const { content, properties } = (await harness.take("apt.created.dlq"))!;
    expect(content.toString()).toBe(JSON.stringify(hopeless));
    expect(properties).toMatchObject({ messageId: hopeless.eventId, deliveryMode: 2 });
    expect(properties.headers).toMatchObject({
      traceparent: "00-a",
      "x-reason": "retries-exhausted",
      "x-attempts": 5,
      "x-headers-dropped": 1,
    });
    expect(Object.keys(properties.headers!)).not.toContain(Object.keys(headers)[0]);
  });
});
