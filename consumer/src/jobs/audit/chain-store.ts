import type { Buffer } from "node:buffer";
import type { Sql, TransactionSql } from "postgres";
import { type AuditOutcome, chainHash, genesis } from "./chain.ts";

/** Any constant that no other user of the database takes; spells "seal". */
const sealerLock = 0x7365616c;

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

type OutcomeRow = Omit<AuditOutcome, "id"> & { id: string };

function outcomeColumns(sql: Sql | TransactionSql) {
  return sql`
    outcome.id, occurred_at as "occurredAt", job, action, event_key as "eventKey", event_name as "eventName",
    aggregate_id as "aggregateId", correlation_id as "correlationId", actor, detail`;
}

/** Chains up to `limit` waiting outcomes and answers how many; 0 as well while another process does it. */
export async function sealOutcomes(sql: Sql, limit: number): Promise<number> {
  return await sql.begin(async (transaction) => {
    const [lock] = await transaction<[{ held: boolean }]>`select pg_try_advisory_xact_lock(${sealerLock}) as held`;
    if (!lock.held) return 0;
    const outcomes = await transaction<OutcomeRow[]>`
      select ${outcomeColumns(transaction)}
      from audit_unsealed join audit_outcomes as outcome on outcome.id = outcome_id
      order by outcome.id limit ${limit}`;
    if (outcomes.length === 0) return 0;

    let { count: position, hash } = await readHead(transaction);
    const rows = outcomes.map((row) => {
      const outcome = { ...row, id: Number(row.id) };
      const previous = hash;
      position += 1;
      hash = chainHash(previous, position, outcome);
      return { position, outcome_id: outcome.id, previous_hash: previous, hash };
    });
    await transaction`insert into audit_chain ${transaction(rows)}`;
    await transaction`delete from audit_unsealed where outcome_id = any(${rows.map((row) => row.outcome_id)})`;
    return rows.length;
  });
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
  const rows = sql<(OutcomeRow & { position: string; outcomeId: string; previousHash: Buffer; hash: Buffer })[]>`
    select position, outcome_id as "outcomeId", previous_hash as "previousHash", hash, ${outcomeColumns(sql)}
    from audit_chain left join audit_outcomes as outcome on outcome.id = outcome_id
    where true
      ${from ? sql`and occurred_at >= ${from}` : sql``}
      ${to ? sql`and occurred_at < ${to}` : sql``}
    order by position`;
  for await (const batch of rows.cursor(500)) {
    for (const { position, outcomeId, previousHash, hash, ...outcome } of batch) {
      yield {
        position: Number(position),
        outcomeId: Number(outcomeId),
        previousHash,
        hash,
        outcome: outcome.id === null ? undefined : { ...outcome, id: Number(outcome.id) },
      };
    }
  }
}

/** Outcomes that wait for the sealer, and the first one that is neither sealed nor waiting or was removed meanwhile. */
export async function readUnsealed(sql: TransactionSql): Promise<{ waiting: number; astray: number | undefined }> {
  const [row] = await sql<[{ waiting: number; astray: string | null }]>`
    select
      (select count(*)::integer from audit_unsealed) as waiting,
      (
        select min(coalesce(outcome.id, waiting.outcome_id))
        from audit_outcomes as outcome full join audit_unsealed as waiting on waiting.outcome_id = outcome.id
        where outcome.id is null
          or waiting.outcome_id is null and not exists (select from audit_chain where outcome_id = outcome.id)
      ) as astray`;
  return { waiting: row.waiting, astray: row.astray === null ? undefined : Number(row.astray) };
}
