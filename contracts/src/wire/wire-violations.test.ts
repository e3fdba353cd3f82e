import { Buffer } from "node:buffer";
import { expect, test } from "vitest";
import { loadContract, sentEvents } from "../contract.ts";
import { arrayAt, at, type JsonObject } from "../json.ts";
import { workingTree } from "../working-tree.ts";
import type { WireMessage } from "./capture.ts";
import { wireViolations } from "./wire-violations.ts";

const contract = loadContract(workingTree(new URL("../../..", import.meta.url).pathname));

/** The document's complete example of appointment.created, as it should come over the wire. */
function message(change: (body: JsonObject, wire: WireMessage) => void = () => {}): WireMessage {
  const event = sentEvents(contract).find(({ eventName }) => eventName === "appointment.created");
  const example = arrayAt(event?.message, "examples").find((one) => at(one, "name") === "complete");
  const body = structuredClone(at(example, "payload")) as JsonObject;
  const wire = {
    exchange: "appointments.ex",
    routingKey: "appointment.created",
    content: Buffer.alloc(0),
    properties: {
      messageId: body.eventId,
      type: "appointment.created",
      correlationId: body.correlationId,
      timestamp: Date.parse(String(body.timestamp)) / 1000,
      appId: "appointment-producer",
      contentType: "application/json",
      contentEncoding: "utf-8",
      deliveryMode: 2,
      headers: { "x-event-version": 1 },
    },
  } as unknown as WireMessage;
  change(body, wire);
  if (wire.content.length === 0) wire.content = Buffer.from(JSON.stringify(body));
  return wire;
}

test("a message that is as described has no violation", () => {
  expect(wireViolations(contract, [message()])).toEqual([]);
});

test.each<[string, (body: JsonObject, wire: WireMessage) => void, string]>([
  ["an undeclared field", (body) => body.source = "api", "/source is not declared in the schema"],
  ["an undeclared payload field", (body) => (body.payload as JsonObject).room = 1, "/payload/room is not declared"],
  ["a missing field", (body) => delete (body.payload as JsonObject).doctorId, "must have required property 'doctorId'"],
  ["a day that does not exist", (body) => body.timestamp = "2026-02-30T10:00:00Z", 'must match format "date-time"'],
  ["an address that is none", (body) => (body.payload as JsonObject).patientEmail = "garbage", 'format "email"'],
  ["an event that is not described", (body) => body.eventName = "appointment.lost", "is sent, but not described"],
  ["another exchange", (_, wire) => wire.exchange = "amq.topic", 'has exchange "amq.topic"'],
  ["another routing key", (_, wire) => wire.routingKey = "appointment.x", 'has routing key "appointment.x"'],
  ["no content type", (_, wire) => delete wire.properties.contentType, "has content_type undefined"],
  ["another message_id", (_, wire) => wire.properties.messageId = "1", 'has message_id "1"'],
  ["milliseconds", (_, wire) => wire.properties.timestamp *= 1000, "has timestamp"],
  ["a transient message", (_, wire) => wire.properties.deliveryMode = 1, "has delivery_mode 1 instead of 2"],
  ["no headers", (_, wire) => wire.properties.headers = {}, "must have required property 'x-event-version'"],
  [
    "an undeclared header",
    (_, wire) => wire.properties.headers = { "x-event-version": 1, "x-patient": "ada" },
    "/x-patient is not declared",
  ],
  ["bytes that are not UTF-8", (_, wire) => wire.content = Buffer.from([0x22, 0xe9, 0x22]), "is not JSON in UTF-8"],
])("%s is found", (_, change, reason) => {
  expect(wireViolations(contract, [message(change)]).map((violation) => violation.reason).join("\n")).toContain(reason);
});

test("an event that no document describes is found", () => {
  const undescribed = message((body) => body.eventName = "clinic.closed");
  expect(wireViolations(contract, [message(), undescribed]).map(({ reason }) => reason)).toContain(
    '"clinic.closed" is sent, but not described',
  );
});

test("two messages with one message_id are found", () => {
  expect(wireViolations(contract, [message(), message()])).toEqual([{
    pointer: "/operations",
    reason: "appointment.created has the message_id of a message that was published before",
  }]);
});
