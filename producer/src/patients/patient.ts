import { eventNames } from "../generated/events.ts";
import type { PatientKeys } from "../patient-keys/patient-keys.ts";
import type { SqlOrTx } from "../postgres/database.ts";

/** Who a patient is to this service: an address or a number, never both, since a family may share one of them. */
export type Patient =
  | { readonly patientEmail: string; readonly patientPhone?: undefined }
  | { readonly patientPhone: string; readonly patientEmail?: undefined };

/** The events that say something of the patient. */
export const tellingEvents = [eventNames.appointmentCreated, eventNames.appointmentContactChanged] as const;

/** Rows of `outbox` or `outbox_archive` that once told of the patient, whatever the appointment says today. */
export function toldOf(sql: SqlOrTx, patient: Patient) {
  const said = patient.patientEmail === undefined
    ? sql`body::jsonb #>> '{payload,patientPhone}' = ${patient.patientPhone}`
    : sql`lower(body::jsonb #>> '{payload,patientEmail}') = lower(${patient.patientEmail})`;
  return sql`event_name = ANY(${[...tellingEvents]}) AND ${said}`;
}

/**
 * The appointments of a patient, those included that had the address or the number before: it stays in their history
 * until the archive forgets it.
 */
export async function findAppointmentIds(sql: SqlOrTx, patient: Patient, keys?: PatientKeys): Promise<string[]> {
  const reached = patient.patientEmail === undefined
    ? sql`patient_phone = ${patient.patientPhone}`
    : sql`lower(patient_email) = lower(${patient.patientEmail})`;
  const rows = await sql<{ id: string }[]>`
    SELECT id::text FROM appointments WHERE ${reached}
    UNION SELECT aggregate_id FROM outbox WHERE ${toldOf(sql, patient)}
    UNION SELECT aggregate_id FROM outbox_archive WHERE erased_at IS NULL AND ${toldOf(sql, patient)}
    ${
    keys === undefined ? sql`` : sql`UNION SELECT aggregate_id FROM encrypted_events WHERE ${keys.toldOf(sql, patient)}`
  }
    ORDER BY 1`;
  return rows.map(({ id }) => id);
}
