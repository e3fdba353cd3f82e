import * as v from "valibot";
import { type EventName, eventNames } from "../generated/events.ts";
import { jobs } from "../generated/jobs.ts";
import { isIdentifier } from "../telemetry/error-text.ts";
import { eventKeyOf, keyWithoutId } from "./event-key.ts";
import type { Delivered } from "./message.ts";

/** What a message says of itself that may stand in a log line, in an index and in the audit trail. */
export interface Identity {
  eventKey: string;
  eventName: EventName | undefined;
  aggregateId: string | undefined;
  correlationId: string | undefined;
}

const schemas = jobs.audit.events;
function bodyOf(content: Uint8Array, maxBytes: number): Record<string, unknown> {
  if (content.length > maxBytes) return {};
  try {
    const body: unknown = JSON.parse(new TextDecoder().decode(content));
    return typeof body === "object" && body !== null ? body as Record<string, unknown> : {};
  } catch {
    return {};
  }
}

/**
 * Identifies whatever was received, also what no job could read: a field without the contract's form is left out. Of a
 * body over `maxBytes` nothing is read.
 */
export function identify({ content, properties }: Delivered, maxBytes: number): Identity {
  const body = bodyOf(content, maxBytes);
  const eventName = Object.values(eventNames).find((name) => name === body.eventName);
  // Versions of one event differ in their payload only.
  const schema = schemas[eventName ?? eventNames.appointmentCreated];
  const { entries } = schema.type === "variant" ? schema.options[0] : schema;
  const { aggregateId, eventId } = body;
  return {
    eventKey: typeof eventId === "string" && v.is(entries.eventId, eventId)
      ? eventKeyOf(eventId)
      : keyWithoutId(content, properties.messageId),
    eventName,
    aggregateId: v.is(entries.aggregateId, aggregateId) ? aggregateId : undefined,
    correlationId: [body.correlationId, properties.correlationId].find(isIdentifier),
  };
}
