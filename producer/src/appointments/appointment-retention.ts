import type { SqlOrTx } from "../postgres/database.ts";

/** Deletes a batch of what ended before that, and was not changed since, with its problems; returns how many. */
export async function deleteAppointmentsBefore(sql: SqlOrTx, time: Date, batch: number): Promise<number> {
  const [deleted] = await sql<{ count: number }[]>`
    WITH gone AS (DELETE FROM appointments WHERE ends_at < ${time} AND updated_at < ${time} AND id IN (
      SELECT id FROM appointments WHERE ends_at < ${time} AND updated_at < ${time} ORDER BY ends_at, id LIMIT ${batch}
    ) RETURNING id),
    problems AS (DELETE FROM contact_problems USING gone WHERE appointment_id = gone.id)
    SELECT count(*)::int FROM gone`;
  return deleted?.count ?? 0;
}
