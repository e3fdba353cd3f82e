import type { Appointment, Status } from "../domain/appointment.ts";
import { appointmentColumns, type AppointmentRow, toAppointment } from "./appointment-store.ts";
import type { SqlOrTx } from "../postgres/database.ts";

type Column = "appointmentDate" | "createdAt" | "updatedAt";
export type Sort = Column | `-${Column}`;
const columns = { appointmentDate: "starts_at", createdAt: "created_at", updatedAt: "updated_at" } as const;

export type AppointmentFilter = {
  /** Of any of these. */
  readonly doctorId?: readonly string[] | undefined;
  readonly patientEmail?: string | undefined;
  readonly reference?: string | undefined;
  readonly status?: readonly Status[] | undefined;
  readonly from?: Date | undefined;
  readonly to?: Date | undefined;
  readonly createdSince?: Date | undefined;
  readonly updatedSince?: Date | undefined;
};

/** The last appointment of the page before. */
export type After = { readonly at: Date; readonly id: string };

/**
 * Reads on from where the page before ended, along an index: the last page costs as much as the first. An index has one
 * doctor's or one status' appointments in order, so of several each is read on its own and the results are merged.
 */
export function selectAppointments(
  sql: SqlOrTx,
  query: { filter: AppointmentFilter; sort: Sort; after: After | undefined; limit: number },
) {
  const { filter, sort, after, limit } = query;
  const { doctorId, patientEmail, reference, status, from, to, createdSince, updatedSince } = filter;
  const column = sql(columns[sort.replace("-", "") as Column]);
  const isDescending = sort.startsWith("-");
  const direction = isDescending ? sql`DESC` : sql`ASC`;
  const beyond = isDescending ? sql`<` : sql`>`;
  const inOrder = sql`ORDER BY ${column} ${direction}, id ${direction} LIMIT ${limit}`;
  const isSplit = (values: readonly string[] | undefined) => (values?.length ?? 0) > 1;
  const split = isSplit(doctorId) ? "doctor_id" : isSplit(status) ? "status" : undefined;

  const among = (name: "doctor_id" | "status", values: readonly string[] | undefined) => {
    if (values === undefined) return sql``;
    if (name === split) return sql`AND ${sql(name)} = wanted.value`;
    return values.length === 1 ? sql`AND ${sql(name)} = ${values[0]!}` : sql`AND ${sql(name)} = ANY(${[...values]})`;
  };
  const found = sql`
    SELECT ${appointmentColumns(sql)} FROM appointments
    WHERE true
      ${among("doctor_id", doctorId)}
      ${patientEmail === undefined ? sql`` : sql`AND lower(patient_email) = lower(${patientEmail})`}
      ${reference === undefined ? sql`` : sql`AND reference = ${reference}`}
      ${among("status", status)}
      ${from === undefined ? sql`` : sql`AND starts_at >= ${from}`}
      ${to === undefined ? sql`` : sql`AND starts_at < ${to}`}
      ${createdSince === undefined ? sql`` : sql`AND created_at >= ${createdSince}`}
      ${updatedSince === undefined ? sql`` : sql`AND updated_at >= ${updatedSince}`}
      ${after === undefined ? sql`` : sql`AND (${column}, id) ${beyond} (${after.at}, ${after.id})`}
    ${inOrder}`;
  if (split === undefined) return sql<AppointmentRow[]>`${found}`;
  const values = [...(split === "doctor_id" ? doctorId : status) ?? []];
  return sql<AppointmentRow[]>`
    SELECT found.* FROM unnest(${values}::text[]) AS wanted (value) CROSS JOIN LATERAL (${found}) AS found ${inOrder}`;
}

export async function listAppointments(
  sql: SqlOrTx,
  query: Parameters<typeof selectAppointments>[1],
): Promise<Appointment[]> {
  return (await selectAppointments(sql, query)).map(toAppointment);
}
