import { pino } from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from "vitest";
import type { JobOutcome } from "../../src/jobs/job.ts";
import { PermanentError } from "../../src/delivery/permanent-error.ts";
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
let lines: Record<string, unknown>[];

beforeAll(async () => {
  harness = await createDeliveryHarness();
});
beforeEach(() => {
  lines = [];
});
afterEach(() => stop());
afterAll(() => harness.close());

/** Lets the job come to each outcome in turn and answers what is logged until the message is done with. */
async function logOf(event: Record<string, unknown>, ...outcomes: (JobOutcome | Error)[]) {
  const log = pino({ base: null }, { write: (line) => lines.push(JSON.parse(line)) });
  stop = harness.consume([testJob("analytics", async () => {
    const outcome = outcomes.shift()!;
    if (outcome instanceof Error) throw outcome;
    return await Promise.resolve(outcome);
  })], { log });
  await harness.publish(event);
  const done = ["event processed", "event dead-lettered"];
  await eventually(() => expect(lines.some(({ msg }) => done.includes(String(msg)))).toBe(true));
  return lines.map(({ msg }) => msg);
}

const waits: JobOutcome = { kind: "wait", reason: "no doctor" };

test.each([
  ["retried", {}, [new Error("once"), applied], ["event will be retried", "event processed"]],
  ["delayed", {}, [waits, applied], ["event waits", "event processed"]],
  ["given up", {}, [new PermanentError("never", "never")], ["event dead-lettered"]],
  ["unreadable", { payload: {} }, [], ["event dead-lettered"]],
  ["unknown", { eventName: "appointment.eaten" }, [], ["event dead-lettered"]],
  ["too new", { version: 99 }, [], ["event dead-lettered"]],
])("an event that is %s is told with its ids in every line", async (_, fields, outcomes, expected) => {
  const event = createdEvent({ correlationId: "request-5", ...fields });
  expect(await logOf(event, ...outcomes)).toEqual(expected);
  for (const line of lines) {
    const { eventId, aggregateId } = event;
    expect(line).toMatchObject({ job: "analytics", eventId, aggregateId, correlationId: "request-5" });
  }
  expect(JSON.stringify(lines)).not.toContain("ann@example.org");
});

test("a message that is left to the broker is told with its ids", async () => {
  const event = createdEvent({ correlationId: "request-6" });
  vi.spyOn(harness.metrics.consumed, "inc").mockImplementationOnce(() => {
    throw new Error("no more");
  });
  await logOf(event, applied);
  expect(lines[0]).toMatchObject({
    msg: "delivery not acknowledged; the broker redelivers it",
    eventId: event.eventId,
    correlationId: "request-6",
  });
});
