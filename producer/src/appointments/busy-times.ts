import type { Interval } from "../domain/working-time.ts";
import type { SqlOrTx } from "../postgres/database.ts";

/** When the doctor is taken: exactly the rows that the exclusion constraint guards, but for the visit `except`. */
export async function selectBusyTimes(
  sql: SqlOrTx,
  doctorId: string,
  range: Interval,
  except?: string,
): Promise<Interval[]> {
  const rows = await sql<{ starts_at: Date; ends_at: Date }[]>`
    SELECT starts_at, ends_at FROM appointments
    WHERE doctor_id = ${doctorId} AND status IN ('booked', 'arrived') AND NOT overbooked
      ${except === undefined ? sql`` : sql`AND id <> ${except}`}
      AND tstzrange(starts_at, ends_at, '[)') && tstzrange(${new Date(range.from)}, ${new Date(range.to)}, '[)')
    ORDER BY starts_at`;
  return rows.map(({ starts_at, ends_at }) => ({ from: starts_at.getTime(), to: ends_at.getTime() }));
}
