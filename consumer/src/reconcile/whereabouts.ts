import type { Sql, TransactionSql } from "postgres";

/** What each job has had of an aggregate, by event key, and when it was handled. */
export type Handled = ReadonlyMap<string, ReadonlyMap<string, Date>>;

export async function readHandled(
  sql: Sql | TransactionSql,
  job: string,
  aggregateIds: readonly string[],
): Promise<Handled> {
  const rows = await sql<{ aggregateId: string; eventKey: string; at: Date }[]>`
    select aggregate_id as "aggregateId", event_key as "eventKey", processed_at as at from inbox
    where job = ${job} and aggregate_id = any(${[...aggregateIds]}::text[])`;
  const handled = new Map<string, Map<string, Date>>();
  for (const { aggregateId, eventKey, at } of rows) {
    const id = aggregateId.toLowerCase();
    const keys = handled.get(id) ?? new Map<string, Date>();
    handled.set(id, keys.set(eventKey, at));
  }
  return handled;
}

export type Waiting = "in retry" | "dead letter" | "discarded";

/** Where events are that a job has not handled; nothing of what is nowhere. */
export async function findWaiting(
  sql: Sql,
  job: string,
  keys: readonly string[],
  at: Date,
): Promise<Map<string, Waiting>> {
  if (keys.length === 0) return new Map();
  const rows = await sql<{ key: string; place: Waiting }[]>`
    select event_key as key, 'in retry' as place from delivery_delays
    where job = ${job} and event_key = any(${[...keys]}::text[]) and next_at > ${at}
    union all
    select event_key, case state when 'stored' then 'dead letter' else 'discarded' end from dead_letters
    where job = ${job} and event_key = any(${[...keys]}::text[]) and state <> 'replayed'`;
  return new Map(rows.map(({ key, place }) => [key, place]));
}

/** Those of which two events tell one version differently: a person decides. */
export async function findDisputed(
  sql: Sql | TransactionSql,
  job: string,
  aggregateIds: readonly string[],
): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    select distinct aggregate_id as id from version_conflicts
    where job = ${job} and aggregate_id = any(${[...aggregateIds]}::text[])`;
  return new Set(rows.map(({ id }) => id.toLowerCase()));
}

export async function isPaused(sql: Sql, job: string): Promise<boolean> {
  const rows = await sql`select from job_pauses where job = ${job} and lease_until > now()`;
  return rows.length > 0;
}
