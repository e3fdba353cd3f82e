import { eventNames } from "../generated/events.ts";
import { fieldLimits } from "../generated/field-limits.ts";
import type { EventDraft } from "../domain/decision.ts";
import type { PatientKeys } from "../patient-keys/patient-keys.ts";
import type { Tx } from "../postgres/database.ts";
import { findAppointmentIds, type Patient, tellingEvents } from "./patient.ts";
import { redactAnswer } from "./redact-answer.ts";
import { redactEvent } from "./redact-event.ts";

/** What was cleared where; ids and numbers only. */
export type Erasure = {
  readonly appointmentIds: readonly string[];
  readonly cleared: {
    readonly appointments: number;
    readonly waitingEvents: number;
    readonly archivedEvents: number;
    readonly storedAnswers: number;
    readonly destroyedKeys: number;
  };
};

const { maxItems: maxIds } = fieldLimits.appointmentIds;

/** Clears what this service keeps of a patient. A second time there is nothing left to be found. */
export async function erasePatient(tx: Tx, patient: Patient, now: Date, keys?: PatientKeys): Promise<Erasure> {
  await keys?.lock(tx, patient);
  const ids = await findAppointmentIds(tx, patient, keys);
  // In the order of their ids, as every erasure locks them.
  await tx`SELECT FROM appointments WHERE id = ANY(${ids}::uuid[]) ORDER BY id FOR UPDATE`;
  const { count: appointments } = await tx`
    UPDATE appointments SET
      patient_email = NULL, patient_phone = NULL, patient_name = NULL, locale = NULL, reference = NULL, metadata = '{}',
      erased_at = ${now}, updated_at = ${now}, revision = revision + 1
    WHERE id = ANY(${ids}::uuid[]) AND erased_at IS NULL`;
  await tx`DELETE FROM contact_problems WHERE appointment_id = ANY(${ids}::uuid[])`;
  // The outbox first: what the relay moves meanwhile is in the archive when that is looked at.
  const waitingEvents = await redactOutbox(tx, ids);
  const archivedEvents = await redactArchive(tx, ids, now);
  const storedAnswers = await redactAnswers(tx, ids);
  const destroyedKeys = await keys?.destroy(tx, patient, ids) ?? 0;
  return {
    appointmentIds: ids,
    cleared: { appointments, waitingEvents, archivedEvents, storedAnswers, destroyedKeys },
  };
}

/** What the others are told, in as many events as it takes. */
export function erasureEvents(appointmentIds: readonly string[]): EventDraft[] {
  return Array.from({ length: Math.ceil(appointmentIds.length / maxIds) }, (_, part) => ({
    eventName: eventNames.patientErased,
    payload: { appointmentIds: appointmentIds.slice(part * maxIds, (part + 1) * maxIds) },
  }));
}

async function redactOutbox(tx: Tx, ids: string[]): Promise<number> {
  const rows = await tx<{ id: string; body: string }[]>`
    SELECT id, body FROM outbox WHERE aggregate_id = ANY(${ids}) AND event_name = ANY(${[
    ...tellingEvents,
  ]}) FOR UPDATE`;
  await tx`
    UPDATE outbox SET body = redacted.body
    FROM unnest(${rows.map(({ id }) => id)}::bigint[], ${rows.map(({ body }) => redactEvent(body))}::text[])
      AS redacted (id, body)
    WHERE outbox.id = redacted.id`;
  return rows.length;
}

async function redactArchive(tx: Tx, ids: string[], now: Date): Promise<number> {
  const rows = await tx<{ position: string; body: string }[]>`
    SELECT position, body FROM outbox_archive
    WHERE aggregate_id = ANY(${ids}) AND event_name = ANY(${[...tellingEvents]}) AND erased_at IS NULL FOR UPDATE`;
  await tx`
    UPDATE outbox_archive SET body = redacted.body, erased_at = ${now}
    FROM unnest(${rows.map(({ position }) => position)}::bigint[], ${rows.map(({ body }) => redactEvent(body))}::text[])
      AS redacted (position, body)
    WHERE outbox_archive.position = redacted.position`;
  return rows.length;
}

/** Answers that are kept for repetitions, lists of a doctor's visits included. */
async function redactAnswers(tx: Tx, ids: string[]): Promise<number> {
  if (ids.length === 0) return 0;
  const known = new Set(ids);
  const rows = await tx<{ caller: string; key: string; body: string }[]>`
    SELECT caller, key, body FROM idempotency_keys
    WHERE EXISTS (SELECT FROM unnest(${ids}::text[]) AS id WHERE strpos(body, id) > 0) FOR UPDATE`;
  for (const { caller, key, body } of rows) {
    await tx`UPDATE idempotency_keys SET body = ${redactAnswer(body, known)} WHERE caller = ${caller} AND key = ${key}`;
  }
  return rows.length;
}
