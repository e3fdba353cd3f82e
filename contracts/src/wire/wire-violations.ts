import type { Contract, SentEvent } from "../contract.ts";
import { sentEvents } from "../contract.ts";
import { at, type Json, objectAt, pointer, pointerPath } from "../json.ts";
import { closed, violations } from "../schema-validator.ts";
import type { WireMessage } from "./capture.ts";

/** What is wrong with a message from the wire by the producer's document, each with where the rule is. */
export interface WireViolation {
  pointer: string;
  reason: string;
}

/** What is wrong with messages of one run, once each: by themselves, and with the identity that they have. */
export function wireViolations(contract: Contract, messages: WireMessage[]): WireViolation[] {
  const found = [...messages.flatMap((message) => violationsOf(contract, message)), ...repetitions(messages)];
  return [...new Map(found.map((violation) => [JSON.stringify(violation), violation])).values()];
}

/** Receivers know a repetition by the message_id, so two messages that share one are taken for one. */
function repetitions(messages: WireMessage[]): WireViolation[] {
  const ids = messages.map(({ properties }) => String(properties.messageId));
  const repeated = messages.filter((_, index) => ids.indexOf(ids[index] ?? "") !== index);
  return repeated.map(({ routingKey }) => ({
    pointer: "/operations",
    reason: `${routingKey} has the message_id of a message that was published before`,
  }));
}

function violationsOf(contract: Contract, message: WireMessage): WireViolation[] {
  const body = parseBody(message.content);
  if (body === undefined) return [{ pointer: "", reason: "a message is not JSON in UTF-8" }];
  const versions = sentEvents(contract).filter(({ eventName }) => eventName === at(body, "eventName"));
  const event = versions.find(({ version }) => version === at(body, "version")) ?? versions[0];
  if (event === undefined) {
    return [{ pointer: "/operations", reason: `${JSON.stringify(at(body, "eventName"))} is sent, but not described` }];
  }
  const schema = (part: "payload" | "headers", value: Json) =>
    violations(closed(event[part]), value).map(({ path, reason }) => ({
      pointer: pointer([...event.path, part]),
      reason: `${event.eventName} ${part} ${pointer(path) || "as a whole"} ${reason}`,
    }));
  return [
    ...schema("payload", body),
    ...schema("headers", (message.properties.headers ?? {}) as Json),
    ...propertyViolations(contract, event, message, body),
  ];
}

/** Exchange, routing key and AMQP properties, as far as the document says what they are. */
function propertyViolations(
  contract: Contract,
  event: SentEvent,
  { exchange, routingKey, properties }: WireMessage,
  body: Json,
): WireViolation[] {
  const operation = ["operations", event.operationId, "bindings", "amqp"];
  const bindings = objectAt(contract.producer, ...operation);
  const correlation = at(event.message, "correlationId", "location");
  const expected: [string, unknown, Json | undefined, (string | number)[]][] = [
    ["exchange", exchange, at(event.exchange, "name"), ["channels", event.id, "bindings", "amqp", "exchange", "name"]],
    ["routing key", routingKey, event.routingKey, ["channels", event.id, "address"]],
    ["content_type", properties.contentType, at(event.message, "contentType"), [...event.path, "contentType"]],
    [
      "content_encoding",
      properties.contentEncoding,
      at(event.message, "bindings", "amqp", "contentEncoding"),
      [...event.path, "bindings", "amqp", "contentEncoding"],
    ],
    [
      "type",
      properties.type,
      at(event.message, "bindings", "amqp", "messageType"),
      [...event.path, "bindings", "amqp", "messageType"],
    ],
    ["delivery_mode", properties.deliveryMode, bindings.deliveryMode, [...operation, "deliveryMode"]],
    ["timestamp", properties.timestamp, secondsOf(at(body, "timestamp")), [...operation, "timestamp"]],
    ["message_id", properties.messageId, at(body, "eventId"), [...event.path]],
    ["app_id", properties.appId, "appointment-producer", [...event.path]],
    ["header x-event-version", properties.headers?.["x-event-version"], at(body, "version"), [
      ...event.path,
      "headers",
    ]],
  ];
  if (typeof correlation === "string") {
    const path = pointerPath(correlation.slice(correlation.indexOf("#")));
    expected.push(["correlation_id", properties.correlationId, at(body, ...path), [...event.path, "correlationId"]]);
  }
  return expected.filter(([, actual, wanted]) => wanted !== undefined && actual !== wanted).map((
    [name, actual, wanted, where],
  ) => ({
    pointer: pointer(where),
    reason: `${event.eventName} has ${name} ${JSON.stringify(actual)} instead of ${JSON.stringify(wanted)}`,
  }));
}

function secondsOf(time: Json | undefined): number {
  return Math.floor(Date.parse(String(time)) / 1000);
}

/** Undefined for what is not JSON in UTF-8. */
export function parseBody(content: Uint8Array): Json | undefined {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch {
    return undefined;
  }
}
