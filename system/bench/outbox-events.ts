import { Buffer } from "node:buffer";
import type { Options } from "amqplib";
import type postgres from "postgres";

/** As large as what a booking writes. */
const payload = {
  patientEmail: "ada.lovelace@example.org",
  doctorId: "dr-lovelace",
  appointmentDate: "2030-12-02T10:00:00+01:00",
  durationMinutes: 30,
  timeZone: "Europe/Berlin",
  locale: "en",
};
const event = {
  eventName: "appointment.created",
  aggregateId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  timestamp: "2026-11-23T08:00:00.000Z",
  version: 1,
  eventId: "0197f3a2-7000-7000-8000-000000000002",
  aggregateVersion: 1,
  correlationId: "0197f3a2-7000-7000-8000-000000000003",
  actor: "reception",
  payload,
};
const headers = { traceparent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "x-event-version": 1 };

/** Writes so many bookings' events to an outbox at once, each of an appointment of its own. */
export async function fillOutbox(sql: postgres.Sql, count: number, body: object = event): Promise<void> {
  await sql`
    INSERT INTO outbox (
      event_id, event_name, aggregate_type, aggregate_id, aggregate_version, correlation_id, occurred_at, body, headers
    )
    SELECT gen_random_uuid(), ${event.eventName}, 'appointment', gen_random_uuid(), 1, gen_random_uuid(), now(),
      ${JSON.stringify(body)}, ${sql.json(headers)}
    FROM generate_series(1, ${count})`;
}

/** Writes so many events to the archive, an hour ago. */
export async function fillArchive(sql: postgres.Sql, count: number): Promise<void> {
  await sql`
    INSERT INTO outbox_archive (
      event_id, event_name, aggregate_type, aggregate_id, aggregate_version, correlation_id, occurred_at, body, headers,
      published_at
    )
    SELECT gen_random_uuid(), ${event.eventName}, 'appointment', gen_random_uuid(), 1, gen_random_uuid(), now(),
      ${JSON.stringify(event)}, ${sql.json(headers)}, now() - interval '1 hour' + n * interval '1 microsecond'
    FROM generate_series(1, ${count}) n`;
}

/** The same event as the relay publishes it. */
export const message = {
  routingKey: event.eventName,
  content: Buffer.from(JSON.stringify(event)),
  properties: (n: number): Options.Publish => ({
    messageId: `0197f3a2-7000-7000-8000-${String(n).padStart(12, "0")}`,
    type: event.eventName,
    correlationId: event.correlationId,
    timestamp: 1_795_420_800,
    appId: "bench",
    contentType: "application/json",
    contentEncoding: "utf-8",
    persistent: true,
    mandatory: true,
    headers,
  }),
};
