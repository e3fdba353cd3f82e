import type { Sql, TransactionSql } from "postgres";
import type { InboxEntry } from "./inbox.ts";

/** An event with a version; only such a one is ever in conflict. */
export type VersionedEntry = InboxEntry & { job: string; version: number };

/** Whether an operator has said that this event takes the place of what the job has handled. */
export async function lockAcceptance(sql: TransactionSql, { job, eventKey }: VersionedEntry): Promise<boolean> {
  const rows = await sql`
    select from version_conflicts
    where job = ${job} and event_key = ${eventKey} and accepted_at is not null for update`;
  return rows.length > 0;
}

/** What an earlier event of the aggregate waits for, if one does: an operator, or its turn after an operator's word. */
export async function earlierConflict(
  sql: TransactionSql,
  { job, aggregateId, version }: VersionedEntry,
): Promise<"operator" | "turn" | undefined> {
  const [row] = await sql<[{ accepted: boolean | null }]>`
    select bool_and(accepted_at is not null) as accepted from version_conflicts
    where job = ${job} and aggregate_id = ${aggregateId} and aggregate_version < ${version}`;
  if (row.accepted === null) return undefined;
  return row.accepted ? "turn" : "operator";
}

/** Which event the job has handled under the version, if it is another one. */
export async function holderOf(
  sql: TransactionSql,
  { job, aggregateId, version }: VersionedEntry,
): Promise<string | undefined> {
  const [row] = await sql<{ eventKey: string }[]>`
    select event_key as "eventKey" from inbox
    where job = ${job} and aggregate_id = ${aggregateId} and aggregate_version = ${version}`;
  return row?.eventKey;
}

/** Keeps the event, and with it whatever comes after it, from being handled until an operator has spoken. */
export async function noteConflict(
  sql: TransactionSql,
  { job, aggregateId, version, eventKey }: VersionedEntry,
): Promise<void> {
  await sql`
    insert into version_conflicts (job, aggregate_id, aggregate_version, event_key)
    values (${job}, ${aggregateId}, ${version}, ${eventKey})
    on conflict (job, event_key) do update set accepted_at = null`;
}

/**
 * Takes its version, and those after it, from what the job has handled and the producer has lost; false when something
 * of them was told later than this event, which is then the one that was lost.
 */
export async function supersede(
  sql: TransactionSql,
  { job, aggregateId, version, eventKey, toldAt }: VersionedEntry,
): Promise<boolean> {
  const later = await sql`
    select from inbox
    where job = ${job} and aggregate_id = ${aggregateId} and aggregate_version >= ${version} and told_at > ${toldAt}
    limit 1`;
  if (later.length > 0) return false;
  await sql`
    update inbox set aggregate_version = null
    where job = ${job} and aggregate_id = ${aggregateId} and aggregate_version >= ${version}`;
  await sql`delete from version_conflicts where job = ${job} and event_key = ${eventKey}`;
  return true;
}

/** From now on the event of this dead letter takes the place of what the job has handled; nothing if it isn't in conflict. */
export async function acceptConflict(sql: Sql, deadLetter: string): Promise<void> {
  await sql`
    update version_conflicts as conflict set accepted_at = now() from dead_letters as letter
    where letter.id = ${deadLetter} and letter.state = 'stored'
      and conflict.job = letter.job and conflict.event_key = letter.event_key`;
}

/** The event is void: what the job has handled stays, and later events are handled again. */
export async function dropConflict(sql: TransactionSql, job: string, eventKey: string): Promise<void> {
  await sql`delete from version_conflicts where job = ${job} and event_key = ${eventKey}`;
}
