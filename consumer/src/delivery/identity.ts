import { createHash } from "node:crypto";
import * as v from "valibot";
import { type EventName, eventNames } from "../generated/events.ts";
import { jobs } from "../generated/jobs.ts";
import { errorText } from "../telemetry/error-text.ts";
import { eventKeyOf } from "./event-key.ts";
import type { Delivered } from "./message.ts";

/** What a message says of itself that may stand in a log line, in an index and in the audit trail. */
export interface Identity {
  eventKey: string;
  eventName: EventName | undefined;
  aggregateId: string | undefined;
  correlationId: string | undefined;
}

const schemas = jobs.audit.events;
const visibleAscii = /^[\x21-\x7e]{1,128}$/;

/** An identifier that somebody chose freely: no sentence, no mail address, no phone number. */
function isIdentifier(value: unknown): value is string {
  return typeof value === "string" && visibleAscii.test(value) && errorText(value) === value;
}

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
  const freelyChosen = (...values: unknown[]) => values.find(isIdentifier);
  return {
    eventKey: eventKeyOf(
      typeof eventId === "string" && v.is(entries.eventId, eventId)
        ? eventId
        : freelyChosen(properties.messageId) ?? createHash("sha256").update(content).digest("hex"),
    ),
    eventName,
    aggregateId: v.is(entries.aggregateId, aggregateId) ? aggregateId : undefined,
    correlationId: freelyChosen(body.correlationId, properties.correlationId),
  };
}
