import type { SqlOrTx } from "../postgres/database.ts";

/** How many keys what lies in outbox and archive needs. */
export async function countNeeded(sql: SqlOrTx): Promise<{ neededByOutbox: number; neededByArchive: number }> {
  const [row] = await sql<{ neededByOutbox: number; neededByArchive: number }[]>`
    SELECT
      (SELECT count(DISTINCT key_id)::int FROM encrypted_events JOIN outbox USING (event_id)) AS "neededByOutbox",
      (SELECT count(DISTINCT key_id)::int FROM encrypted_events JOIN outbox_archive USING (event_id)) AS "neededByArchive"`;
  return row!;
}

/** Deletes a batch of what is noted of events that are in neither of them any more; returns how many. */
export async function forgetDeletedEvents(sql: SqlOrTx, before: Date, batch: number): Promise<number> {
  const { count } = await sql`
    DELETE FROM encrypted_events WHERE event_id IN (
      SELECT event_id FROM encrypted_events e
      WHERE created_at < ${before}
        AND NOT EXISTS (SELECT FROM outbox WHERE event_id = e.event_id)
        AND NOT EXISTS (SELECT FROM outbox_archive WHERE event_id = e.event_id)
      ORDER BY created_at LIMIT ${batch})`;
  return count;
}
