import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { readHead, readUnsealed, stillWaiting } from "./chain-store.ts";
import { missingGuards } from "./guards.ts";
import { createTileCheck } from "./tile-check.ts";
import { readTreeSize } from "./tile-store.ts";
import { type AuditProblem, type Evidence, walkTrail } from "./trail-walk.ts";

export interface AuditVerdict {
  /** Rows of the chain that were found good, from the first on, and the hash of the last of them. */
  rows: number;
  head: string;
  /** Outcomes that the sealer has yet to chain. */
  waiting: number;
  problems: AuditProblem[];
}

export interface VerifyOptions {
  sql: Sql;
  /** Read before the call: what is written during it may tell of rows that this snapshot of the database does not have. */
  evidence: Evidence;
  /** The size of the last signed checkpoint, as it is by now; without it rows need none. */
  signedSize?: (() => Promise<number>) | undefined;
  /** How long rows may wait for the sealer before that is a problem. */
  patienceMs?: number;
  /** Called after each row that was found good. */
  verified?: (rows: number, of: number) => void;
}

const lookEveryMs = 100;

/** Holds the trail against itself and against the evidence. */
export async function verifyAudit(options: VerifyOptions): Promise<AuditVerdict> {
  const { waiting, sealed, ...verdict } = await verifySnapshot(options);
  // Only of a trail that is whole is it asked whether the sealer keeps up.
  const late = verdict.problems.length > 0 ? [] : await findUnsealed(options, waiting, sealed);
  return { ...verdict, waiting: waiting.length, problems: [...verdict.problems, ...late] };
}

async function verifySnapshot({ sql, evidence, verified = () => {} }: VerifyOptions) {
  return await sql.begin("isolation level repeatable read read only", async (transaction) => {
    await transaction`set local statement_timeout = 0`;
    await transaction`set local idle_in_transaction_session_timeout = 0`;
    const gone = await missingGuards(transaction);
    if (gone.some((reason) => reason.startsWith("the table"))) {
      return { rows: 0, head: "", waiting: [], sealed: 0, problems: gone.map((reason): AuditProblem => ({ reason })) };
    }
    const { count } = await readHead(transaction);
    const treeSize = await readTreeSize(transaction);
    const tiles = createTileCheck();
    const { rows, head, problem } = await walkTrail(transaction, evidence, (row, leaf) => {
      if (row <= treeSize) tiles.add(leaf);
      verified(row, count);
    });
    const problems: AuditProblem[] = problem ? [problem] : [];
    if (!problem && treeSize > count) {
      problems.push({ position: count + 1, reason: `the tail is gone: the tree has ${treeSize} rows` });
    }
    const fault = problems.length === 0 ? await tiles.fault(transaction) : undefined;
    if (fault) problems.push({ reason: fault });
    const { waiting, astray } = await readUnsealed(transaction);
    if (astray !== undefined) {
      problems.push({ outcomeId: astray, reason: "is neither in the chain nor waiting for it, or was removed" });
    }
    problems.push(...gone.map((reason) => ({ reason })));
    return { rows, head: head.toString("hex"), waiting, sealed: count, problems };
  });
}

/**
 * Somebody may keep the sealer from its work, and change meanwhile what it has not sealed. A long backlog is no problem for as
 * long as it grows shorter.
 */
async function findUnsealed(
  { sql, signedSize, patienceMs = 5_000 }: VerifyOptions,
  waiting: readonly number[],
  sealed: number,
): Promise<AuditProblem[]> {
  let before = "";
  for (let end = 0;; await sleep(lookEveryMs)) {
    const problem = await findFirst();
    if (!problem) return [];
    const place = JSON.stringify(problem);
    if (place === before && performance.now() > end) return [problem];
    if (place !== before) end = performance.now() + patienceMs;
    before = place;
  }

  async function findFirst(): Promise<AuditProblem | undefined> {
    const late = `for more than ${patienceMs / 1_000} s: does a consumer run, does somebody hold its lock?`;
    const [first] = waiting.length > 0 ? await stillWaiting(sql, waiting) : [];
    if (first !== undefined) return { outcomeId: first, reason: `has waited for its seal ${late}` };
    // Before anything of the tree was signed, the rows of before it have yet to be added.
    const signed = await signedSize?.();
    if (signed === undefined || signed >= sealed) return undefined;
    const inTree = await readTreeSize(sql);
    if (inTree < sealed) return { position: inTree + 1, reason: `has waited for the tree ${late}` };
    return { position: signed + 1, reason: `no checkpoint covers it ${late}` };
  }
}
