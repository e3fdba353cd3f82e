import { Buffer } from "node:buffer";
import type { JSONValue, Sql, TransactionSql } from "postgres";

export interface NewDeadLetter {
  job: string;
  reason: string;
  eventKey: string;
  eventName: string | undefined;
  aggregateId: string | undefined;
  correlationId: string | undefined;
  body: Uint8Array;
  properties: JSONValue;
  headers: JSONValue;
  /** The same for every delivery of one dead letter, another for each dead letter. */
  deliveryHash: string;
}

export interface DeadLetter
  extends Omit<NewDeadLetter, "deliveryHash" | "eventName" | "aggregateId" | "correlationId"> {
  id: string;
  eventName: string | null;
  aggregateId: string | null;
  correlationId: string | null;
  state: "stored" | "replayed" | "discarded";
  storedAt: Date;
  settledAt: Date | null;
  settledWhy: string | null;
  cause: string;
}

export interface DeadLetterFilter {
  job?: string | undefined;
  reason?: string | undefined;
  event?: string | undefined;
  /** What the errors of one cause have in common. */
  cause?: string | undefined;
}

const matching = (sql: Sql, { job, reason, event, cause }: DeadLetterFilter) =>
  sql`
    ${job === undefined ? sql`` : sql`and job = ${job}`}
    ${reason === undefined ? sql`` : sql`and reason = ${reason}`}
    ${event === undefined ? sql`` : sql`and event_name = ${event}`}
    ${cause === undefined ? sql`` : sql`and cause = ${cause}`}`;

const columns = (sql: Sql | TransactionSql) =>
  sql`
    id, job, reason, event_key as "eventKey", event_name as "eventName", aggregate_id as "aggregateId",
    correlation_id as "correlationId", body, properties, headers, state, stored_at as "storedAt",
    settled_at as "settledAt", settled_why as "settledWhy", cause`;

/** Answers the id, or undefined when this dead letter is stored already. */
export async function storeDeadLetter(sql: TransactionSql, letter: NewDeadLetter): Promise<string | undefined> {
  const [row] = await sql<{ id: string }[]>`
    insert into dead_letters
      (job, reason, event_key, event_name, aggregate_id, correlation_id, body, properties, headers, delivery_hash)
    values (
      ${letter.job}, ${letter.reason}, ${letter.eventKey}, ${letter.eventName ?? null}, ${letter.aggregateId ?? null},
      ${letter.correlationId ?? null}, ${Buffer.from(letter.body)}, ${sql.json(letter.properties)},
      ${sql.json(letter.headers)}, ${letter.deliveryHash}
    )
    on conflict (delivery_hash) do nothing
    returning id`;
  return row?.id;
}

/** Those that nobody has settled, oldest first; with `settled`, all. */
export async function listDeadLetters(
  sql: Sql,
  filter: DeadLetterFilter,
  { settled, limit }: { settled: boolean; limit: number },
): Promise<DeadLetter[]> {
  return await sql<DeadLetter[]>`
    select ${columns(sql)} from dead_letters
    where true
      ${settled ? sql`` : sql`and state = 'stored'`}
      ${matching(sql, filter)}
    order by id limit ${limit}`;
}

/** The ids of all that nobody has settled, oldest first; there may be many, so without their bodies. */
export async function listStoredIds(sql: Sql, filter: DeadLetterFilter): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    select id from dead_letters
    where state = 'stored'
      ${matching(sql, filter)}
    order by id`;
  return rows.map((row) => row.id);
}

export async function findDeadLetter(sql: Sql, id: string): Promise<DeadLetter | undefined> {
  const [row] = await sql<DeadLetter[]>`select ${columns(sql)} from dead_letters where id = ${id}`;
  return row;
}

/** Takes a dead letter that nobody has settled, so that nobody else settles it before this transaction ends. */
export async function lockDeadLetter(sql: TransactionSql, id: string): Promise<DeadLetter | undefined> {
  const [row] = await sql<DeadLetter[]>`
    select ${columns(sql)} from dead_letters where id = ${id} and state = 'stored' for update`;
  return row;
}

export async function settleDeadLetter(
  sql: TransactionSql,
  id: string,
  state: "replayed" | "discarded",
  why: string | undefined,
): Promise<void> {
  await sql`
    update dead_letters set state = ${state}, settled_at = now(), settled_why = ${why ?? null} where id = ${id}`;
}
