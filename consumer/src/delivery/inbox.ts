import type { Sql, TransactionSql } from "postgres";

export interface InboxEntry {
  job: string;
  eventKey: string;
  eventName: string;
  aggregateId: string;
  /** The aggregateVersion; undefined where the event has none, or the job goes by none. */
  version: number | undefined;
  /** The event's own timestamp. */
  toldAt: Date;
}

/**
 * True when this transaction is the first to process the event for the job, and no other event of the aggregate has its
 * version or is in a conflict about an earlier one. Effects that commit with this row happen exactly once: a concurrent
 * delivery, of this event or of another with its version, waits here until the first one commits or rolls back.
 */
export async function claimEvent(
  sql: TransactionSql,
  entry: InboxEntry,
  { evenInConflict = false } = {},
): Promise<boolean> {
  const { job, eventKey, eventName, aggregateId, version = null, toldAt } = entry;
  const claimed = await sql`
    insert into inbox (job, event_key, event_name, aggregate_id, aggregate_version, told_at, outcome)
    select ${job}, ${eventKey}, ${eventName}, ${aggregateId}, ${version}::integer, ${toldAt}, 'applied'
    where ${evenInConflict} or not exists (
      select from version_conflicts
      where job = ${job} and aggregate_id = ${aggregateId} and aggregate_version <= ${version}::integer
    )
    on conflict do nothing`;
  return claimed.count === 1;
}

export async function isProcessed(sql: TransactionSql, { job, eventKey }: InboxEntry): Promise<boolean> {
  const rows = await sql`select from inbox where job = ${job} and event_key = ${eventKey}`;
  return rows.length > 0;
}

export async function markIgnored(sql: TransactionSql, job: string, eventKey: string): Promise<void> {
  await sql`update inbox set outcome = 'ignored' where job = ${job} and event_key = ${eventKey}`;
}

/** Those of the keys under which the job has neither processed nor given up an event; one that was put back is unknown. */
export async function unknownKeys(sql: Sql, job: string, keys: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ key: string }[]>`
    select key from unnest(${[...keys]}::text[]) as key
    where not exists (select from inbox where job = ${job} and event_key = key)
      and not exists (
        select from dead_letters where job = ${job} and event_key = key and state <> 'replayed'
      )`;
  return new Set(rows.map(({ key }) => key));
}
