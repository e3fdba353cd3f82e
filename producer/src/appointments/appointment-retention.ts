import type { SqlOrTx } from "../postgres/database.ts";

/** Deletes a batch of what ended before that, and was not changed since; returns how many. */
export async function deleteAppointmentsBefore(sql: SqlOrTx, time: Date, batch: number): Promise<number> {
  const { count } = await sql`
    DELETE FROM appointments WHERE ends_at < ${time} AND updated_at < ${time} AND id IN (
      SELECT id FROM appointments WHERE ends_at < ${time} AND updated_at < ${time} ORDER BY ends_at, id LIMIT ${batch}
    )`;
  return count;
}
