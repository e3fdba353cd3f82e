import type { Sql, TransactionSql } from "postgres";
import { instants } from "../postgres/columns.ts";

export interface InboxEntry {
  eventKey: string;
  eventName: string;
  aggregateId: string;
  /** The aggregateVersion; undefined where the event has none, or the job goes by none. */
  version: number | undefined;
  /** The event's own timestamp. */
  toldAt: Date;
}

/**
 * The keys of the events that this transaction is the first to process for the job, and of whose aggregates no other
 * event has the version or is in a conflict about an earlier one. Effects that commit with these rows happen exactly
 * once: a concurrent delivery, of such an event or of another with its version, waits here until the first one commits
 * or rolls back. Of entries with the same key or version the first is claimed.
 */
export async function claimEvents(
  sql: TransactionSql,
  job: string,
  entries: readonly InboxEntry[],
  now: Date,
  { evenInConflict = false } = {},
): Promise<Set<string>> {
  // In one order everywhere, or two transactions could wait for each other.
  const claimed = await sql<{ eventKey: string }[]>`
    insert into inbox (job, event_key, event_name, aggregate_id, aggregate_version, told_at, outcome, processed_at)
    select ${job}, event_key, event_name, aggregate_id, version, told_at, 'applied', ${now}
    from unnest(
      ${entries.map(({ eventKey }) => eventKey)}::text[], ${entries.map(({ eventName }) => eventName)}::text[],
      ${entries.map(({ aggregateId }) => aggregateId)}::text[],
      ${entries.map(({ version = null }) => version)}::integer[],
      ${instants(entries.map(({ toldAt }) => toldAt))}::text[]::timestamptz[]
    ) with ordinality as told (event_key, event_name, aggregate_id, version, told_at, place)
    where ${evenInConflict} or not exists (
      select from version_conflicts as conflict
      where conflict.job = ${job} and conflict.aggregate_id = told.aggregate_id
        and conflict.aggregate_version <= told.version
    )
    order by event_key, place
    on conflict do nothing
    returning event_key as "eventKey"`;
  return new Set(claimed.map(({ eventKey }) => eventKey));
}

/** Those of the keys under which the job has processed an event. */
export async function processedKeys(sql: TransactionSql, job: string, keys: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ eventKey: string }[]>`
    select event_key as "eventKey" from inbox where job = ${job} and event_key = any(${[...keys]}::text[])`;
  return new Set(rows.map(({ eventKey }) => eventKey));
}

export async function markIgnored(sql: TransactionSql, job: string, keys: readonly string[]): Promise<void> {
  await sql`
    update inbox set outcome = 'ignored' where job = ${job} and event_key = any(${[...keys]}::text[])`;
}

/** Gives claims of this transaction back: the events are to be processed later. */
export async function giveBack(sql: TransactionSql, job: string, keys: readonly string[]): Promise<void> {
  await sql`delete from inbox where job = ${job} and event_key = any(${[...keys]}::text[])`;
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
