import type { Buffer } from "node:buffer";
import * as v from "valibot";
import { upcast } from "./upcast.ts";
import { upcasters } from "./upcasters.ts";
import { type EventName, eventVersions, oldestVersions } from "../generated/events.ts";
import { type JobName, jobs } from "../generated/jobs.ts";
import { eventKeyOf, keyWithoutId } from "./event-key.ts";
import { isIdentifier } from "../telemetry/error-text.ts";
import { PermanentError } from "./permanent-error.ts";

/** What every job's event has, whatever else the job reads. */
export interface Envelope {
  eventName: string;
  aggregateId: string;
  timestamp: string;
  version: number;
  eventId?: string | undefined;
  aggregateVersion?: number | undefined;
  correlationId?: string | undefined;
}

export interface Delivered {
  content: Buffer;
  properties: { messageId?: string | undefined; correlationId?: string | undefined };
}

export interface ReceivedEvent {
  /** eventId, else message_id, else the SHA-256 of the body; a message_id that is no identifier is none. */
  eventKey: string;
  correlationId: string | undefined;
  event: Envelope;
  /** By which its intents continue the trace of this attempt; undefined without one. */
  traceparent?: string | undefined;
}

type EventSchema = v.GenericSchema<unknown, Envelope>;

const envelopeSchema = v.looseObject({ eventName: v.string(), version: v.number() });

function parseJson(content: Buffer): unknown {
  if (content.length === 0) throw new PermanentError("empty-body", "The body is empty");
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(content));
  } catch (cause) {
    throw new PermanentError("not-json", "The body is not JSON in UTF-8", { cause });
  }
}

/** The paths and what was expected there; valibot's own messages quote what was received. */
function describe(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues.map((issue) => {
    // Only a check of the contract's own has no expectation, and its message is a constant.
    const expectation = issue.expected ? `expected ${issue.expected}` : issue.message;
    return `${v.getDotPath(issue) ?? "body"}: ${expectation}`;
  }).join("; ");
}

function parseWith<Output>(schema: v.GenericSchema<unknown, Output>, value: unknown): Output {
  const result = v.safeParse(schema, value);
  if (!result.success) throw new PermanentError("schema-violation", describe(result.issues));
  return result.output;
}

function schemaOf(job: JobName, eventName: string): EventSchema {
  const schemas: Partial<Record<string, EventSchema>> = jobs[job].events;
  const schema = Object.hasOwn(schemas, eventName) ? schemas[eventName] : undefined;
  if (!schema) throw new PermanentError("unknown-event", `The job ${job} knows no event of this name`);
  return schema;
}

/** The first of the candidates that the job can read; throws a PermanentError that says what is wrong with the first. */
export function readAs(job: JobName, candidates: readonly Envelope[]): Envelope {
  const [first] = candidates;
  const schema = schemaOf(job, first!.eventName);
  return candidates.find((one) => v.is(schema, one)) ?? parseWith(schema, first);
}

/** The event that a delivery holds, as far as the job reads it. Throws a PermanentError that says what is wrong. */
export function readEvent(job: JobName, { content, properties }: Delivered): ReceivedEvent {
  const envelope = parseWith(envelopeSchema, parseJson(content));
  const { eventName } = envelope;
  const schema = schemaOf(job, eventName);
  const known = { oldest: oldestVersions[eventName as EventName], newest: eventVersions[eventName as EventName] };
  const current = upcast(envelope, known, upcasters);
  const event = parseWith(schema, current);
  return {
    eventKey: event.eventId === undefined ? keyWithoutId(content, properties.messageId) : eventKeyOf(event.eventId),
    correlationId: [event.correlationId, properties.correlationId].find(isIdentifier),
    event,
  };
}
