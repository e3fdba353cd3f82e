import { Buffer } from "node:buffer";
import type { Sql, TransactionSql } from "postgres";
import { type AuditOutcome, genesis, removedLeaf, sealRow } from "./chain.ts";
import { readTreeSize, tileReader, writeTiles } from "./tile-store.ts";
import { grownTiles } from "./tiles.ts";

export interface ChainHead {
  /** How many rows the chain has. */
  count: number;
  hash: Buffer;
}

/** A chain row and its outcome; without one when that was removed. */
export interface SealedRow {
  position: number;
  outcomeId: number;
  previousHash: Buffer;
  hash: Buffer;
  outcome: AuditOutcome | undefined;
}

/** The trail is not as it was sealed, so nothing that follows is sealed or signed; `consumer audit verify` says more. */
export class BrokenTrail extends Error {
  override name = "BrokenTrail";
}

type OutcomeRow = Omit<AuditOutcome, "id"> & { id: string };
type ChainRow = OutcomeRow & { position: string; outcomeId: string; previousHash: Buffer; hash: Buffer };

function outcomeColumns(sql: Sql | TransactionSql) {
  return sql`
    outcome.id, occurred_at as "occurredAt", job, action, event_key as "eventKey", event_name as "eventName",
    aggregate_id as "aggregateId", correlation_id as "correlationId", actor, detail`;
}

/** Held until the end of the transaction; false while another process has it. */
export async function takeSealerLock(transaction: TransactionSql): Promise<boolean> {
  return (await transaction`select from audit_sealer for update skip locked`).length === 1;
}

/**
 * Chains up to `limit` waiting outcomes, and adds them to the tree. Answers whether there may be more to do: not while
 * another process does it. What an older version has chained meanwhile, which knew of no tree, is added first.
 */
export async function sealOutcomes(sql: Sql, limit: number): Promise<boolean> {
  return await sql.begin(async (transaction) => {
    // Sent at once, and done in this order: what is read is of use only where the lock was taken.
    const [isLocked, , size, head, outcomes] = await Promise.all([
      takeSealerLock(transaction),
      readByIndex(transaction),
      readTreeSize(transaction),
      readHead(transaction),
      readWaiting(transaction, limit),
    ]);
    if (!isLocked) return false;
    if (size > head.count) {
      throw new BrokenTrail(`row ${head.count + 1} of the chain is gone: nothing is sealed on top of it`);
    }
    if (size < head.count) {
      await growTree(transaction, size, await readLeaves(transaction, size, limit));
      return true;
    }
    if (outcomes.length === 0) return false;
    const rows = chained(head, outcomes.map((row) => ({ ...row, id: Number(row.id) })));
    await Promise.all([
      growTree(transaction, size, rows.map(({ leaf }) => leaf)),
      addToChain(transaction, rows),
      transaction`delete from audit_unsealed where outcome_id = any(${rows.map(({ outcomeId }) => outcomeId)})`,
    ]);
    return rows.length === limit;
  });
}

/**
 * Whoever may add to the list may add to it what is sealed, which then waits for ever: verification names it. `offset 0` keeps
 * the planner from beginning with the outcomes, which are as many as there have ever been.
 */
async function readWaiting(transaction: TransactionSql, limit: number): Promise<OutcomeRow[]> {
  return await transaction<OutcomeRow[]>`
    select ${outcomeColumns(transaction)}
    from audit_unsealed
    join lateral (select * from audit_outcomes where id = outcome_id offset 0) as outcome on true
    where not exists (select from audit_chain where audit_chain.outcome_id = audit_unsealed.outcome_id offset 0)
    order by outcome_id limit ${limit}`;
}

/** A batch is a few rows of long tables, of which the planner thinks that they are short when they were just analyzed empty. */
async function readByIndex(transaction: TransactionSql): Promise<void> {
  await transaction`
    select set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
      set_config('enable_mergejoin', 'off', true), set_config('enable_bitmapscan', 'off', true)`;
}

function chained({ count, hash: last }: ChainHead, outcomes: readonly AuditOutcome[]) {
  let hash = last;
  return outcomes.map((outcome, index) => {
    const previousHash = hash;
    const position = count + index + 1;
    const seal = sealRow(previousHash, position, outcome);
    hash = seal.hash;
    return { position, outcomeId: outcome.id, previousHash, ...seal };
  });
}

type NewRow = Omit<SealedRow, "outcome">;

async function addToChain(transaction: TransactionSql, rows: readonly NewRow[]): Promise<void> {
  await transaction`
    insert into audit_chain (position, outcome_id, previous_hash, hash)
    select position, outcome_id, decode(previous_hash, 'hex'), decode(hash, 'hex') from unnest(
      ${rows.map(({ position }) => position)}::bigint[], ${rows.map(({ outcomeId }) => outcomeId)}::bigint[],
      ${rows.map(({ previousHash }) => previousHash.toString("hex"))}::text[],
      ${rows.map(({ hash }) => hash.toString("hex"))}::text[]
    ) as sealed (position, outcome_id, previous_hash, hash)`;
}

async function growTree(transaction: TransactionSql, size: number, leaves: readonly Buffer[]): Promise<void> {
  await writeTiles(transaction, await grownTiles(tileReader(transaction, size > 0 ? [size - 1] : []), size, leaves));
}

async function readLeaves(transaction: TransactionSql, after: number, limit: number): Promise<Buffer[]> {
  const rows = await transaction<ChainRow[]>`
    select position, ${outcomeColumns(transaction)}
    from audit_chain left join audit_outcomes as outcome on outcome.id = outcome_id
    where position > ${after} order by position limit ${limit}`;
  return rows.map((row, index) => {
    const position = after + index + 1;
    if (Number(row.position) !== position) {
      throw new BrokenTrail(`row ${position} of the chain is gone: nothing is sealed on top of it`);
    }
    const outcome = outcomeOf(row);
    return outcome ? sealRow(genesis, position, outcome).leaf : removedLeaf(position);
  });
}

function outcomeOf({ id, occurredAt, job, action, eventKey, eventName, ...row }: ChainRow): AuditOutcome | undefined {
  if (id === null) return undefined;
  const { aggregateId, correlationId, actor, detail } = row;
  return {
    id: Number(id),
    occurredAt,
    job,
    action,
    eventKey,
    eventName,
    aggregateId,
    correlationId,
    actor,
    detail,
  };
}

export async function readHead(sql: Sql | TransactionSql): Promise<ChainHead> {
  const [row] = await sql<{ position: string; hash: Buffer }[]>`
    select position, hash from audit_chain order by position desc limit 1`;
  return row ? { count: Number(row.position), hash: row.hash } : { count: 0, hash: genesis };
}

/** The chain from its first row, in batches. */
export async function* readChain(
  sql: TransactionSql,
  { from, to }: { from?: Date | undefined; to?: Date | undefined } = {},
): AsyncGenerator<SealedRow> {
  const rows = sql<ChainRow[]>`
    select ${chainColumns(sql)}
    from audit_chain left join audit_outcomes as outcome on outcome.id = outcome_id
    where true
      ${from ? sql`and occurred_at >= ${from}` : sql``}
      ${to ? sql`and occurred_at < ${to}` : sql``}
    order by position`;
  for await (const batch of rows.cursor(1_000)) yield* batch.map(sealedRow);
}

/** The sealed rows that tell of an event, in chain order. */
export async function readRowsOf(sql: Sql, eventKey: string): Promise<SealedRow[]> {
  const rows = await sql<ChainRow[]>`
    select ${chainColumns(sql)}
    from audit_outcomes as outcome join audit_chain on outcome_id = outcome.id
    where event_key = ${eventKey} order by position`;
  return rows.map(sealedRow);
}

function chainColumns(sql: Sql | TransactionSql) {
  return sql`
    position, outcome_id as "outcomeId", previous_hash as "previousHash", hash, ${outcomeColumns(sql)}`;
}

function sealedRow(row: ChainRow): SealedRow {
  const { position, outcomeId, previousHash, hash } = row;
  return { position: Number(position), outcomeId: Number(outcomeId), previousHash, hash, outcome: outcomeOf(row) };
}

/** The outcomes that wait for the sealer, and the first one that is neither sealed nor waiting or was removed meanwhile. */
export async function readUnsealed(sql: TransactionSql): Promise<{ waiting: number[]; astray: number | undefined }> {
  const waiting = await sql<{ id: string }[]>`select outcome_id as id from audit_unsealed order by outcome_id`;
  const [row] = await sql<[{ astray: string | null }]>`
    select min(coalesce(outcome.id, waiting.outcome_id)) as astray
    from audit_outcomes as outcome full join audit_unsealed as waiting on waiting.outcome_id = outcome.id
    where outcome.id is null
      or waiting.outcome_id is null and not exists (select from audit_chain where outcome_id = outcome.id)`;
  return {
    waiting: waiting.map(({ id }) => Number(id)),
    astray: row.astray === null ? undefined : Number(row.astray),
  };
}

/** Which of these wait still. */
export async function stillWaiting(sql: Sql, ids: readonly number[]): Promise<number[]> {
  const rows = await sql<{ id: string }[]>`
    select outcome_id as id from audit_unsealed where outcome_id = any(${[...ids]}) order by outcome_id`;
  return rows.map(({ id }) => Number(id));
}
