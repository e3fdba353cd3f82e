import type { Sql } from "postgres";
import { eventKeyOf } from "../delivery/event-key.ts";
import { isIdentifier } from "../telemetry/error-text.ts";
import { eventNames } from "../generated/events.ts";
import { readArchive } from "../replay/archive-client.ts";
import type { OpsOptions } from "../replay/request-producer.ts";
import type { BundledMessage, IncidentBundle } from "./bundle.ts";
import type { StandIns } from "./stand-ins.ts";

const maxEvents = 500;
const told = new Set(["traceparent", "tracestate", "x-event-version"]);

/** Of the headers what the system itself writes. */
function headersOf(headers: unknown): Record<string, string | number> {
  return Object.fromEntries(
    Object.entries(headers as Record<string, unknown> ?? {}).filter(([name, value]) =>
      told.has(name) && (isIdentifier(value) || typeof value === "number")
    ),
  ) as Record<string, string | number>;
}

/** Of an appointment or a doctor, from the producer's archive. */
export async function archivedMessages(
  producer: OpsOptions,
  aggregateId: string,
  standIns: StandIns,
): Promise<(BundledMessage & { at: string })[]> {
  const messages: (BundledMessage & { at: string })[] = [];
  for await (const event of readArchive(producer, { aggregateId })) {
    messages.push({
      eventKey: eventKeyOf(event.eventId),
      eventName: event.eventName,
      body: standIns.body(event.body),
      headers: headersOf(event.headers),
      messageId: event.eventId,
      source: "archive",
      at: event.publishedAt.toISOString(),
    });
    if (messages.length === maxEvents) break;
  }
  return messages;
}

/** The same from the audit trail, which keeps nothing of a person: what an event demands of one is made up. */
export async function recordedMessages(
  sql: Sql,
  aggregateId: string,
  standIns: StandIns,
): Promise<(BundledMessage & { at: string })[]> {
  const rows = await sql<{ eventKey: string; eventName: string; at: Date; detail: Record<string, unknown> }[]>`
    select event_key as "eventKey", event_name as "eventName", occurred_at as at, coalesce(detail, '{}') as detail
    from audit_outcomes
    where aggregate_id = ${aggregateId} and job = 'audit' and action = 'recorded' and event_key is not null
    order by id limit ${maxEvents}`;
  return rows.map(({ eventKey, eventName, at, detail: { aggregateVersion, ...payload } }) => {
    const body = {
      eventName,
      aggregateId,
      timestamp: at.toISOString(),
      version: 1,
      ...(isUuid(eventKey) && { eventId: eventKey }),
      ...(aggregateVersion !== undefined && { aggregateVersion }),
      payload: { ...madeUp(eventName, aggregateId), ...payload },
    };
    return {
      eventKey,
      eventName,
      body: standIns.body(JSON.stringify(body)),
      headers: {},
      messageId: eventKey,
      source: "audit" as const,
      at: at.toISOString(),
    };
  });
}

const isUuid = (text: string) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

function madeUp(eventName: string, aggregateId: string): Record<string, unknown> {
  const address = `${aggregateId.slice(0, 40)}@made-up.example`;
  if (eventName === eventNames.appointmentCreated || eventName === eventNames.appointmentContactChanged) {
    return { patientEmail: address };
  }
  if (eventName !== eventNames.doctorUpdated) return {};
  return { name: `Doctor ${aggregateId}`, email: address, timeZone: "UTC", workingHours: [], exceptions: [] };
}

/** What the jobs gave up of an appointment or doctor, as it was received. */
export async function deadMessages(
  sql: Sql,
  aggregateId: string,
  standIns: StandIns,
): Promise<IncidentBundle["deadLetters"]> {
  type Row = {
    job: string;
    reason: string;
    error: string | null;
    eventKey: string;
    eventName: string | null;
    body: Uint8Array;
    headers: Record<string, unknown>;
    messageId: string | null;
  };
  const rows = await sql<Row[]>`
    select job, reason, left(headers ->> 'x-error-message', 500) as error, event_key as "eventKey",
      event_name as "eventName", body, headers, properties ->> 'messageId' as "messageId"
    from dead_letters where aggregate_id = ${aggregateId} and length(body) < 1000000 order by id limit ${maxEvents}`;
  return rows.map(({ body, headers, messageId, ...row }) => ({
    ...row,
    body: standIns.body(new TextDecoder().decode(body)),
    headers: headersOf(headers),
    messageId: isIdentifier(messageId) ? messageId : null,
    source: "dead-letter",
  }));
}
