import { routingKeys } from "../generated/events.ts";
import { contentEncoding, contentType } from "../generated/topology.ts";
import type { OutboxRow } from "./outbox-store.ts";
import type { Message } from "../amqp/publisher.ts";

/** The AMQP form of an event, as the message trait of asyncapi.yaml describes it. */
export function toMessage(row: OutboxRow): Message {
  return {
    routingKey: routingKeys[row.eventName],
    body: row.body,
    properties: {
      messageId: row.eventId,
      type: row.eventName,
      correlationId: row.correlationId,
      timestamp: Math.floor(row.occurredAt.getTime() / 1000),
      appId: "appointment-producer",
      contentType,
      contentEncoding,
      persistent: true,
      mandatory: true,
      headers: row.headers,
    },
  };
}
