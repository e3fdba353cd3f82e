import { type Appointment, endOf, type Metadata } from "../domain/appointment.ts";
import { type ContactProblemRow, contactProblemsOf, toContactProblem } from "./shown-problems.ts";
import type { Store } from "../postgres/command-path.ts";
import { refusingOverlap } from "./refusing-overlap.ts";
import type { SqlOrTx } from "../postgres/database.ts";

export type AppointmentRow = {
  id: string;
  version: number;
  revision: number;
  status: Appointment["status"];
  doctor_id: string;
  starts_at: Date;
  ends_at: Date;
  time_zone: string;
  patient_email: string | null;
  patient_phone: string | null;
  patient_name: string | null;
  locale: string | null;
  reference: string | null;
  metadata: Metadata;
  overbooked: boolean;
  cancelled_by: Appointment["cancelledBy"] | null;
  reason_code: string | null;
  erased_at: Date | null;
  created_at: Date;
  updated_at: Date;
  contact_revision: number;
  contact_problems: ContactProblemRow[] | null;
};

/** The columns of an appointment, with what is known of how it reaches people. */
export function appointmentColumns(sql: SqlOrTx) {
  return sql`appointments.*, ${contactProblemsOf(sql)} AS contact_problems`;
}

export function toAppointment(row: AppointmentRow): Appointment {
  return {
    id: row.id,
    version: row.version + row.revision,
    aggregateVersion: row.version,
    status: row.status,
    doctorId: row.doctor_id,
    startsAt: row.starts_at,
    durationMinutes: (row.ends_at.getTime() - row.starts_at.getTime()) / 60_000,
    timeZone: row.time_zone,
    patientEmail: row.patient_email ?? undefined,
    patientPhone: row.patient_phone ?? undefined,
    patientName: row.patient_name ?? undefined,
    locale: row.locale ?? undefined,
    reference: row.reference ?? undefined,
    metadata: row.metadata,
    overbooked: row.overbooked,
    cancelledBy: row.cancelled_by ?? undefined,
    reasonCode: row.reason_code ?? undefined,
    erasedAt: row.erased_at ?? undefined,
    contactProblems: (row.contact_problems ?? []).map(toContactProblem),
    contactRevision: row.contact_revision,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

/** Without the problems and their count: who reports them writes them, also while a command is on its way. */
function toRow(appointment: Appointment): Omit<AppointmentRow, "contact_problems" | "contact_revision"> {
  return {
    id: appointment.id,
    version: appointment.aggregateVersion,
    revision: appointment.version - appointment.aggregateVersion,
    status: appointment.status,
    doctor_id: appointment.doctorId,
    starts_at: appointment.startsAt,
    ends_at: endOf(appointment),
    time_zone: appointment.timeZone,
    patient_email: appointment.patientEmail ?? null,
    patient_phone: appointment.patientPhone ?? null,
    patient_name: appointment.patientName ?? null,
    locale: appointment.locale ?? null,
    reference: appointment.reference ?? null,
    metadata: appointment.metadata,
    overbooked: appointment.overbooked,
    cancelled_by: appointment.cancelledBy ?? null,
    reason_code: appointment.reasonCode ?? null,
    erased_at: appointment.erasedAt ?? null,
    created_at: appointment.createdAt,
    updated_at: appointment.updatedAt,
  };
}

async function findAppointment(sql: SqlOrTx, id: string): Promise<Appointment | undefined> {
  const [row] = await sql<AppointmentRow[]>`
    SELECT ${appointmentColumns(sql)} FROM appointments WHERE id = ${id}`;
  return row && toAppointment(row);
}

export const appointmentStore: Store<Appointment> = {
  type: "appointment",
  find: findAppointment,
  async save(tx, appointment) {
    const row = { ...toRow(appointment), metadata: tx.json(appointment.metadata) };
    const { count } = await refusingOverlap(async () =>
      appointment.version === 1
        ? await tx`INSERT INTO appointments ${tx(row)} ON CONFLICT (id) DO NOTHING`
        : await tx`UPDATE appointments SET ${tx(row)} WHERE id = ${row.id} AND version + revision = ${
          appointment.version - 1
        }`
    );
    return count === 1;
  },
};
