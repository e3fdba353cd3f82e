import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import type { WireMessage } from "../../src/wire/capture.ts";
import { compareEvents } from "./compare.ts";
import type { ExpectedEvent } from "./walked-clinic.ts";

const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
const from = Date.parse("2026-11-27T08:00:00.100Z");

function expected(aggregateVersion = 1, aggregateId = "visit-1"): ExpectedEvent {
  return {
    what: "arrive from booked",
    eventName: "appointment.arrived",
    version: 1,
    payload: { doctorId: "dr-1", appointmentDate: "2026-11-27T09:00:00+01:00" },
    aggregateId,
    aggregateVersion,
    actor: "contracts",
    correlationId: `req-${aggregateVersion}`,
    traceId,
    tracestate: "clinic=desk-7",
    from,
    to: from + 20,
  };
}

interface Wire {
  body: Record<string, unknown>;
  payload: Record<string, unknown>;
  properties: Record<string, unknown>;
  headers: Record<string, unknown>;
  fields: { exchange: string; routingKey: string };
}

/** The message that this event is told by, but for a change. */
function message(event: ExpectedEvent, change: (wire: Wire) => void = () => {}): WireMessage {
  const { eventName, aggregateId, aggregateVersion, version, correlationId, actor } = event;
  const payload = { ...event.payload };
  const timestamp = new Date(from + 5).toISOString();
  const eventId = `event-${aggregateVersion}`;
  const wire: Wire = {
    payload,
    body: { eventName, aggregateId, aggregateVersion, version, correlationId, actor, timestamp, eventId, payload },
    properties: {
      contentType: "application/json",
      contentEncoding: "utf-8",
      deliveryMode: 2,
      priority: undefined,
      replyTo: undefined,
      correlationId,
      messageId: eventId,
      timestamp: Math.floor(from / 1000),
      type: eventName,
      appId: "appointment-producer",
    },
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: "clinic=desk-7", "x-event-version": 1 },
    fields: { exchange: "appointments.ex", routingKey: eventName },
  };
  change(wire);
  return {
    ...wire.fields,
    content: Buffer.from(JSON.stringify(wire.body)),
    properties: { ...wire.properties, headers: wire.headers },
  } as unknown as WireMessage;
}

const reasons = (events: ExpectedEvent[], messages: WireMessage[]) =>
  compareEvents(events, messages).map(({ reason }) => reason).join("\n");

test("what the model computed is nothing to speak of", () => {
  const [one, two, other] = [expected(1), expected(2), expected(1, "visit-2")];
  expect(reasons([one, two, other], [message(one), message(other), message(two)])).toBe("");
});

test.each<[string, (wire: Wire) => void, string]>([
  ["another value", ({ payload }) => payload.doctorId = "dr-2", 'body/payload/doctorId is "dr-2" instead of "dr-1"'],
  ["a value too many", ({ payload }) => payload.locale = "de", 'body/payload/locale is "de" instead of absent'],
  ["a field too many", ({ body }) => body.source = 1, "body/source is 1 instead of absent"],
  [
    "another instant",
    ({ payload }) => payload.appointmentDate = "2026-11-27T09:00:00Z",
    "body/payload/appointmentDate",
  ],
  [
    "another notation",
    ({ payload }) => payload.appointmentDate = "2026-11-27T08:00:00Z",
    "body/payload/appointmentDate",
  ],
  ["another version", ({ body }) => body.aggregateVersion = 2, "body/aggregateVersion is 2 instead of 1"],
  ["another actor", ({ body }) => body.actor = "key:contracts", "body/actor"],
  ["another correlation", ({ body }) => body.correlationId = "x", 'body/correlationId is "x" instead of "req-1"'],
  ["a time before the request", ({ body }) => body.timestamp = "2026-11-27T08:00:00.099Z", "which is not from"],
  ["a time after the answer", ({ body }) => body.timestamp = "2026-11-27T08:00:00.121Z", "which is not from"],
  ["a time in another notation", ({ body }) => body.timestamp = "2026-11-27T09:00:00.105+01:00", "is written"],
  ["no time", ({ body }) => delete body.timestamp, "timestamp is undefined"],
  ["a priority", ({ properties }) => properties.priority = 0, "properties/priority is 0 instead of absent"],
  ["an expiration", ({ properties }) => properties.expiration = "1000", "properties/expiration"],
  ["reply_to", ({ properties }) => properties.replyTo = "answers", "properties/replyTo"],
  ["user_id", ({ properties }) => properties.userId = "guest", "properties/userId"],
  ["no app_id", ({ properties }) => delete properties.appId, "properties/appId is absent"],
  ["another message_id", ({ properties }) => properties.messageId = "1", "properties/messageId"],
  ["a CC header", ({ headers }) => headers.CC = ["clinic.copy"], 'headers/CC is ["clinic.copy"] instead of absent'],
  ["no traceparent", ({ headers }) => delete headers.traceparent, "headers/traceparent is absent"],
  [
    "another trace",
    ({ headers }) => headers.traceparent = `00-${"a".repeat(32)}-00f067aa0ba902b7-01`,
    "headers/traceparent",
  ],
  ["another tracestate", ({ headers }) => headers.tracestate = "clinic=ada@example.org", "headers/tracestate"],
  ["another routing key", ({ fields }) => fields.routingKey = "appointment.came", "routingKey"],
  ["another exchange", ({ fields }) => fields.exchange = "amq.topic", "exchange"],
])("%s is found", (_, change, reason) => {
  expect(reasons([expected()], [message(expected(), change)])).toContain(reason);
});

test("what is missing, too much, about nobody or out of order is found", () => {
  const [one, two] = [expected(1), expected(2)];
  expect(reasons([one, two], [message(one)])).toContain("no appointment.arrived came, for visit-1");
  expect(reasons([one], [message(one), message(one)])).toContain("one appointment.arrived too many came, for visit-1");
  expect(reasons([], [message(one)])).toContain("one appointment.arrived too many came, for visit-1");
  expect(reasons([one, two], [message(two), message(one)])).toContain("body/aggregateVersion is 2 instead of 1");
});

test("a request without a trace begins one", () => {
  const untraced = { ...expected(), traceId: undefined };
  expect(reasons([untraced], [message(untraced)])).toBe("");
  const empty = message(untraced, ({ headers }) => headers.traceparent = `00-${"0".repeat(32)}-00f067aa0ba902b7-01`);
  expect(reasons([untraced], [empty])).toContain("headers/traceparent");
});
