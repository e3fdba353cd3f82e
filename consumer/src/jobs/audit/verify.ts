import type { Buffer } from "node:buffer";
import type { Sql, TransactionSql } from "postgres";
import { readChain, readHead, readUnsealed, type SealedRow } from "./chain-store.ts";
import { chainHash, genesis } from "./chain.ts";
import type { Checkpoint } from "./checkpoint.ts";

export interface AuditProblem {
  /** The first row of the chain that is not as it was sealed, or that is there no more. */
  position?: number;
  outcomeId?: number;
  reason: string;
}

export interface AuditVerdict {
  /** Rows of the chain that were found good, from the first on, and the hash of the last of them. */
  rows: number;
  head: string;
  /** Outcomes that the sealer has yet to chain. */
  waiting: number;
  problems: AuditProblem[];
}

/**
 * Holds the chain against itself and against checkpoints (by rising count). Read those before the call: one that is
 * written during it may tell of rows that this snapshot of the database does not have.
 */
export async function verifyAudit(
  sql: Sql,
  checkpoints: Checkpoint[],
  /** Called after each row that was found good. */
  verified: (rows: number, of: number) => void = () => {},
): Promise<AuditVerdict> {
  return await sql.begin("isolation level repeatable read read only", async (transaction) => {
    const { count } = await readHead(transaction);
    const { rows, head, problem } = await walk(transaction, checkpoints, (good) => verified(good, count));
    const { waiting, astray } = await readUnsealed(transaction);
    const problems = problem ? [problem] : [];
    if (astray !== undefined) {
      problems.push({ outcomeId: astray, reason: "is neither in the chain nor waiting for it, or was removed" });
    }
    return { rows, head: head.toString("hex"), waiting, problems };
  });
}

async function walk(
  transaction: TransactionSql,
  checkpoints: Checkpoint[],
  verified: (rows: number) => void,
): Promise<{ rows: number; head: Buffer; problem?: AuditProblem }> {
  const byCount = new Map(checkpoints.map((checkpoint) => [checkpoint.count, checkpoint]));
  let head = genesis;
  let rows = 0;
  let vouchedFor = 0;

  for await (const row of readChain(transaction)) {
    const reason = faultOf(row, rows + 1, head);
    if (reason) return { rows, head, problem: { position: rows + 1, outcomeId: row.outcomeId, reason } };

    const checkpoint = byCount.get(row.position);
    if (checkpoint && checkpoint.head !== row.hash.toString("hex")) {
      const reason =
        `one of the rows ${vouchedFor + 1} to ${row.position} was rewritten: their hashes fit each other, ` +
        `but not the checkpoint of ${checkpoint.takenAt}`;
      return { rows: vouchedFor, head, problem: { position: vouchedFor + 1, reason } };
    }
    if (checkpoint) vouchedFor = row.position;
    rows = row.position;
    head = row.hash;
    verified(rows);
  }

  const last = checkpoints.at(-1);
  if (!last || last.count <= rows) return { rows, head };
  const reason = `the tail is gone: the checkpoint of ${last.takenAt} knows ${last.count} rows`;
  return { rows, head, problem: { position: rows + 1, reason } };
}

function faultOf(row: SealedRow, position: number, head: Buffer): string | undefined {
  if (row.position !== position) return `the row is gone: row ${row.position} comes next`;
  if (!row.outcome) return "its outcome was removed";
  if (!row.previousHash.equals(head)) return "it does not continue the row before it";
  if (!row.hash.equals(chainHash(head, position, row.outcome))) return "its outcome is not the one that was sealed";
  return undefined;
}
