import type { Sql, TransactionSql } from "postgres";

interface InboxEntry {
  job: string;
  eventKey: string;
  eventName: string;
  aggregateId: string;
}

/**
 * True when this transaction is the first to process the event for the job. Effects that commit with this row happen
 * exactly once: a concurrent delivery waits here until the first one commits or rolls back.
 */
export async function claimEvent(sql: TransactionSql, entry: InboxEntry): Promise<boolean> {
  const claimed = await sql`
    insert into inbox (job, event_key, event_name, aggregate_id, outcome)
    values (${entry.job}, ${entry.eventKey}, ${entry.eventName}, ${entry.aggregateId}, 'applied')
    on conflict do nothing`;
  return claimed.count === 1;
}

export async function markIgnored(sql: TransactionSql, job: string, eventKey: string): Promise<void> {
  await sql`update inbox set outcome = 'ignored' where job = ${job} and event_key = ${eventKey}`;
}

/** Those of the keys under which the job has neither processed nor given up an event; one that was put back is unknown. */
export async function unknownKeys(sql: Sql, job: string, keys: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ key: string }[]>`
    select key from unnest(${sql.array([...keys])}::text[]) as key
    where not exists (select from inbox where job = ${job} and event_key = key)
      and not exists (
        select from dead_letters where job = ${job} and event_key = key and state <> 'replayed'
      )`;
  return new Set(rows.map(({ key }) => key));
}
