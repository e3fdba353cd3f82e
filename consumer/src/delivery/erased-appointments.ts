import type { Sql, TransactionSql } from "postgres";

/** Any constant that no other user of the database takes; spells "eras". */
const lockKey = 0x65726173;

/** How an appointment is named in this list: a UUID is the same in capitals. */
const named = (id: string) => id.toLowerCase();

/**
 * Those of the appointments whose patients are erased. No erasure commits between this answer and the end of the
 * transaction, so what is written by it is cleared by the next one.
 */
export async function erasedAmong(sql: TransactionSql, ids: readonly string[]): Promise<Set<string>> {
  // Sent together, and still one after the other: the second sees what was committed before the lock was free.
  const [, rows] = await Promise.all([
    sql`select pg_advisory_xact_lock_shared(${lockKey})`,
    sql<{ id: string }[]>`
      select appointment_id as id from erased_appointments where appointment_id = any(${ids.map(named)})`,
  ]);
  return new Set(rows.map(({ id }) => id));
}

export async function isErased(sql: TransactionSql, id: string): Promise<boolean> {
  return (await erasedAmong(sql, [id])).size > 0;
}

/** Waits for whoever writes something of a patient, and keeps them out until the transaction ends. */
export async function noteErased(sql: TransactionSql, ids: readonly string[], now: Date): Promise<void> {
  await sql`select pg_advisory_xact_lock(${lockKey})`;
  await sql`
    insert into erased_appointments (appointment_id, erased_at)
    select id, ${now} from unnest(${ids.map(named)}::text[]) as id order by id
    on conflict do nothing`;
}

/** Deletes at most `limit` that are older than anything that can still be told. */
export function pruneErased(sql: Sql, before: Date, limit: number) {
  return sql`delete from erased_appointments where appointment_id in (
    select appointment_id from erased_appointments where erased_at < ${before} limit ${limit})`;
}
