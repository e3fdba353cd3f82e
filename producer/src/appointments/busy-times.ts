import type { Interval } from "../domain/working-time.ts";
import type { SqlOrTx } from "../postgres/database.ts";

/**
 * When the doctor is taken: exactly the rows that the exclusion constraints guard, but for the visit `except` and for
 * holds that have expired.
 */
export async function selectBusyTimes(
  sql: SqlOrTx,
  doctorId: string,
  range: Interval,
  except?: string,
): Promise<Interval[]> {
  const meets = sql`doctor_id = ${doctorId}
    AND tstzrange(starts_at, ends_at, '[)') && tstzrange(${new Date(range.from)}, ${new Date(range.to)}, '[)')`;
  const rows = await sql<{ starts_at: Date; ends_at: Date }[]>`
    SELECT starts_at, ends_at FROM appointments
    WHERE ${meets} AND status IN ('booked', 'arrived') AND NOT overbooked
      ${except === undefined ? sql`` : sql`AND id <> ${except}`}
    UNION ALL
    SELECT starts_at, ends_at FROM taken_times WHERE ${meets} AND held_until > clock_timestamp()
    ORDER BY starts_at`;
  return rows.map(({ starts_at, ends_at }) => ({ from: starts_at.getTime(), to: ends_at.getTime() }));
}
