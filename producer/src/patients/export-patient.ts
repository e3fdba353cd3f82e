import type { Appointment } from "../domain/appointment.ts";
import { appointmentColumns, type AppointmentRow, toAppointment } from "../appointments/appointment-store.ts";
import type { PatientKeys } from "../patient-keys/patient-keys.ts";
import type { Sql } from "../postgres/database.ts";
import { findAppointmentIds, type Patient } from "./patient.ts";

/** All that this service keeps of a patient (GDPR, article 15). */
export type PatientExport = {
  readonly appointments: readonly Appointment[];
  readonly events: readonly { readonly recordedAt: Date; readonly isPublished: boolean; readonly body: string }[];
  readonly storedAnswers: readonly { readonly createdAt: Date; readonly body: string }[];
};

/** As of one moment. What is encrypted is opened, since it is the patient's to read. */
export async function exportPatient(sql: Sql, patient: Patient, keys?: PatientKeys): Promise<PatientExport> {
  const kept = await readAll(sql, patient, keys);
  if (!keys) return kept;
  const bodies = await keys.open(kept.events.map(({ body }) => body));
  return { ...kept, events: kept.events.map((event, place) => ({ ...event, body: bodies[place]! })) };
}

async function readAll(sql: Sql, patient: Patient, keys: PatientKeys | undefined): Promise<PatientExport> {
  return await sql.begin("ISOLATION LEVEL REPEATABLE READ READ ONLY", async (tx) => {
    const ids = await findAppointmentIds(tx, patient, keys);
    const appointments = await tx<AppointmentRow[]>`
      SELECT ${appointmentColumns(tx)} FROM appointments WHERE id = ANY(${ids}::uuid[]) ORDER BY starts_at, id`;
    // What was told of their notifications is about aggregates of its own.
    const reports = await tx<{ id: string }[]>`
      SELECT DISTINCT report_id::text AS id FROM contact_problems WHERE appointment_id = ANY(${ids}::uuid[])`;
    const aggregateIds = [...ids, ...reports.map(({ id }) => id)];
    const events = await tx<{ recordedAt: Date; isPublished: boolean; body: string }[]>`
      SELECT published_at AS "recordedAt", true AS "isPublished", body, aggregate_version FROM outbox_archive
      WHERE aggregate_id = ANY(${aggregateIds})
      UNION ALL
      SELECT created_at, false, body, aggregate_version FROM outbox WHERE aggregate_id = ANY(${aggregateIds})
      ORDER BY 1, aggregate_version`;
    const storedAnswers = await tx<{ createdAt: Date; body: string }[]>`
      SELECT created_at AS "createdAt", body FROM idempotency_keys
      WHERE EXISTS (SELECT FROM unnest(${ids}::text[]) AS id WHERE strpos(body, id) > 0) ORDER BY created_at`;
    return { appointments: appointments.map(toAppointment), events: [...events], storedAnswers: [...storedAnswers] };
  }) as PatientExport;
}
