import type { Appointment } from "../domain/appointment.ts";
import type { Interval } from "../domain/working-time.ts";
import type { SqlOrTx } from "../postgres/database.ts";
import { appointmentColumns, type AppointmentRow, toAppointment } from "./appointment-store.ts";

/** As many as the longest page holds. */
export const maxAffected = 200;

/** The doctor's visits that take place in the range, the earliest first, and how many there are of them in all. */
export async function selectAffected(
  sql: SqlOrTx,
  doctorId: string,
  { from, to }: Interval,
): Promise<{ visits: Appointment[]; total: number }> {
  const rows = await sql<(AppointmentRow & { total: number })[]>`
    SELECT ${appointmentColumns(sql)}, (count(*) OVER ())::int AS total FROM appointments
    WHERE doctor_id = ${doctorId} AND status IN ('booked', 'arrived')
      AND ends_at > ${new Date(from)} ${to === Infinity ? sql`` : sql`AND starts_at < ${new Date(to)}`}
    ORDER BY starts_at, id LIMIT ${maxAffected}`;
  return { visits: rows.map(toAppointment), total: rows[0]?.total ?? 0 };
}
