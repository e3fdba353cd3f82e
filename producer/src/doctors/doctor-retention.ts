import type { SqlOrTx } from "../postgres/database.ts";

/** Deletes a batch of doctors who retired before that and have no appointment any more; returns how many. */
export async function deleteDoctorsRetiredBefore(sql: SqlOrTx, time: Date, batch: number): Promise<number> {
  const { count } = await sql`
    DELETE FROM doctors WHERE id IN (
      SELECT id FROM doctors
      WHERE retired_at < ${time} AND NOT EXISTS (SELECT FROM appointments WHERE doctor_id = doctors.id)
      ORDER BY retired_at LIMIT ${batch} FOR UPDATE SKIP LOCKED
    )`;
  return count;
}
