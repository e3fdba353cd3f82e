import { parseBody, type WireViolation } from "../../src/wire/wire-violations.ts";
import type { WireMessage } from "../../src/wire/capture.ts";
import { at, type Json } from "../../src/json.ts";
import { differences } from "../../src/wire/differences.ts";
import type { ExpectedEvent } from "./walked-clinic.ts";

/**
 * What came over the wire against what had to come, whole and aggregate by aggregate: each one's events in the order of
 * their versions, none missing, none too many. Between aggregates no order is promised.
 */
export function compareEvents(expected: readonly ExpectedEvent[], actual: readonly WireMessage[]): WireViolation[] {
  const told = grouped(expected, ({ aggregateId }) => aggregateId);
  const came = grouped(actual, ({ content }) => String(at(parseBody(content), "aggregateId")));
  const ids = [...new Set([...told.keys(), ...came.keys()])];
  return ids.flatMap((id) => compareHistory(id, told.get(id) ?? [], came.get(id) ?? []));
}

function compareHistory(id: string, expected: ExpectedEvent[], actual: WireMessage[]): WireViolation[] {
  const length = Math.max(expected.length, actual.length);
  for (let index = 0; index < length; index++) {
    const [event, message] = [expected[index], actual[index]];
    // After the first that is wrong the others only say it again.
    const wrong = event && message ? compareEvent(event, message) : [];
    if (event && !message) wrong.push(`${event.what}: no ${event.eventName} came, for ${id}`);
    if (!event && message) wrong.push(`one ${message.routingKey} too many came, for ${id}`);
    if (wrong.length > 0) return wrong.map((reason) => ({ pointer: "/operations", reason }));
  }
  return [];
}

/** Everything that a message has: its body, its properties, its headers, and how it was addressed. */
export function compareEvent(event: ExpectedEvent, message: WireMessage): string[] {
  const body = parseBody(message.content);
  const { eventName, version, payload, aggregateId, aggregateVersion, correlationId, actor } = event;
  // Whose values nobody can know beforehand; what they have to be is asked below.
  const [eventId, timestamp] = [at(body, "eventId"), at(body, "timestamp")];
  const expected = {
    body: {
      ...{ eventName, aggregateId, timestamp, version, eventId, aggregateVersion, correlationId, actor },
      payload: JSON.parse(JSON.stringify(payload)),
    },
    exchange: "appointments.ex",
    routingKey: eventName,
    properties: {
      contentType: "application/json",
      contentEncoding: "utf-8",
      deliveryMode: 2,
      correlationId,
      messageId: eventId,
      timestamp: Math.floor(Date.parse(String(timestamp)) / 1000),
      type: eventName,
      appId: "appointment-producer",
    },
    headers: headersOf(event, message),
  };
  const { headers = {}, ...properties } = message.properties;
  const actual = {
    body,
    exchange: message.exchange,
    routingKey: message.routingKey,
    properties: given(properties),
    headers,
  };
  return [...differences(actual, expected), ...timeProblems(event, timestamp)]
    .map((problem) => `${event.what}: ${eventName}: ${problem}`);
}

/** The trace of the request; without one the producer begins one, and any will do that is well-formed. */
function headersOf({ version, traceId, tracestate }: ExpectedEvent, { properties }: WireMessage): object {
  const parent = String(properties.headers?.traceparent);
  const isSound = /^00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-01$/.test(parent) &&
    (traceId === undefined || parent.slice(3, 35) === traceId);
  return {
    traceparent: isSound ? parent : `00-${traceId ?? "(a trace of its own)"}-(a span)-01`,
    ...(tracestate === undefined ? {} : { tracestate }),
    "x-event-version": version,
  };
}

/** When it happened is between the request and its answer unless the request said it, in UTC to the millisecond. */
function timeProblems({ at: happened, ...sent }: ExpectedEvent, timestamp: Json | undefined): string[] {
  const { from, to } = happened === undefined ? sent : { from: happened, to: happened };
  const instant = Date.parse(String(timestamp));
  if (!(instant >= from && instant <= to)) {
    const [first, last] = [from, to].map((time) => new Date(time).toISOString());
    return [`timestamp is ${JSON.stringify(timestamp)}, which is not from ${first} to ${last}`];
  }
  const written = new Date(instant).toISOString();
  return timestamp === written ? [] : [`timestamp is written ${JSON.stringify(timestamp)} instead of ${written}`];
}

function given(properties: object): object {
  return Object.fromEntries(Object.entries(properties).filter(([, value]) => value !== undefined));
}

function grouped<T>(all: readonly T[], key: (one: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const one of all) groups.set(key(one), [...groups.get(key(one)) ?? [], one]);
  return groups;
}
