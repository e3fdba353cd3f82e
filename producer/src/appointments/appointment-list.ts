import type { Appointment, Status } from "../domain/appointment.ts";
import { type AppointmentRow, toAppointment } from "./appointment-store.ts";
import type { SqlOrTx } from "../postgres/database.ts";

export type Sort = "appointmentDate" | "-appointmentDate" | "updatedAt" | "-updatedAt";

export type AppointmentFilter = {
  readonly doctorId?: string | undefined;
  readonly patientEmail?: string | undefined;
  readonly reference?: string | undefined;
  readonly status?: Status | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly updatedSince?: Date | undefined;
};

/** The last appointment of the page before. */
export type After = { readonly at: Date; readonly id: string };

/** Reads on from where the page before ended, along an index: the last page costs as much as the first. */
export function selectAppointments(
  sql: SqlOrTx,
  query: { filter: AppointmentFilter; sort: Sort; after: After | undefined; limit: number },
) {
  const { doctorId, patientEmail, reference, status, from, to, updatedSince } = query.filter;
  const column = sql(query.sort.endsWith("updatedAt") ? "updated_at" : "starts_at");
  const isDescending = query.sort.startsWith("-");
  const direction = isDescending ? sql`DESC` : sql`ASC`;
  const beyond = isDescending ? sql`<` : sql`>`;
  const { after } = query;
  return sql<AppointmentRow[]>`
    SELECT * FROM appointments
    WHERE true
      ${doctorId === undefined ? sql`` : sql`AND doctor_id = ${doctorId}`}
      ${patientEmail === undefined ? sql`` : sql`AND lower(patient_email) = lower(${patientEmail})`}
      ${reference === undefined ? sql`` : sql`AND reference = ${reference}`}
      ${status === undefined ? sql`` : sql`AND status = ${status}`}
      ${from === undefined ? sql`` : sql`AND starts_at >= ${from}`}
      ${to === undefined ? sql`` : sql`AND starts_at < ${to}`}
      ${updatedSince === undefined ? sql`` : sql`AND updated_at >= ${updatedSince}`}
      ${after === undefined ? sql`` : sql`AND (${column}, id) ${beyond} (${after.at}, ${after.id})`}
    ORDER BY ${column} ${direction}, id ${direction}
    LIMIT ${query.limit}`;
}

export async function listAppointments(
  sql: SqlOrTx,
  query: Parameters<typeof selectAppointments>[1],
): Promise<Appointment[]> {
  return (await selectAppointments(sql, query)).map(toAppointment);
}
