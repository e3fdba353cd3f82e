import type { Buffer } from "node:buffer";
import { readChain, type SealedRow } from "./chain-store.ts";
import { genesis, sealRow } from "./chain.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { createGrowingTree } from "./growing-tree.ts";
import type { TreeHead } from "./merkle.ts";
import type { TransactionSql } from "postgres";

export interface AuditProblem {
  /** The first row of the chain that is not as it was sealed, or that is there no more. */
  position?: number;
  outcomeId?: number;
  reason: string;
}

/** What tells of the trail and is outside of the database. */
export interface Evidence {
  /** Signed with the HMAC key, by rising count. */
  checkpoints: readonly Checkpoint[];
  /** Signed with Ed25519, by rising size. */
  heads: readonly TreeHead[];
}

export interface Walked {
  /** Rows that were found good, from the first on, and the hash of the last of them. */
  rows: number;
  head: Buffer;
  problem?: AuditProblem;
}

/** Holds every row against the one before it, and against the evidence; ends at the first problem. */
export async function walkTrail(
  transaction: TransactionSql,
  evidence: Evidence,
  verified: (row: number, leaf: Buffer) => void,
): Promise<Walked> {
  const isForeign = createWitnesses(evidence);
  const tree = createGrowingTree();
  let head = genesis;
  let vouchedFor = 0;

  for await (const row of readChain(transaction)) {
    const rows = tree.size();
    const sealed = sealAgain(row, rows + 1, head);
    if (typeof sealed === "string") {
      return { rows, head, problem: { position: rows + 1, outcomeId: row.outcomeId, reason: sealed } };
    }
    const { leaf } = sealed;
    tree.add(leaf);
    head = row.hash;

    const witness = isForeign(row.position, head, tree.root);
    if (witness?.refutes) {
      const reason =
        `one of the rows ${vouchedFor + 1} to ${row.position} was rewritten: their hashes fit each other, ` +
        `but not ${witness.name}`;
      return { rows: vouchedFor, head, problem: { position: vouchedFor + 1, reason } };
    }
    if (witness) vouchedFor = row.position;
    verified(row.position, leaf);
  }

  const problem = missingTail(evidence, tree.size());
  return { rows: tree.size(), head, ...(problem && { problem }) };
}

/** What the evidence says of a trail of that length: nothing, or whether it refutes it. */
function createWitnesses({ checkpoints, heads }: Evidence) {
  const byCount = new Map(checkpoints.map((checkpoint) => [checkpoint.count, checkpoint]));
  const bySize = new Map(heads.map((head) => [head.size, head]));
  return (position: number, hash: Buffer, root: () => Buffer) => {
    const signed = bySize.get(position);
    if (signed && !signed.root.equals(root())) {
      return { refutes: true, name: `the signed checkpoint of ${signed.size} rows` };
    }
    const checkpoint = byCount.get(position);
    if (checkpoint && checkpoint.head !== hash.toString("hex")) {
      return { refutes: true, name: `the checkpoint of ${checkpoint.takenAt}` };
    }
    return signed || checkpoint ? { refutes: false, name: "" } : undefined;
  };
}

function missingTail({ checkpoints, heads }: Evidence, rows: number): AuditProblem | undefined {
  const known = heads.at(-1)?.size ?? 0;
  if (known > rows) return tailGone(rows, `the last signed checkpoint knows ${known} rows`);
  const last = checkpoints.at(-1);
  if (!last || last.count <= rows) return undefined;
  return tailGone(rows, `the checkpoint of ${last.takenAt} knows ${last.count} rows`);
}

function tailGone(rows: number, why: string): AuditProblem {
  return { position: rows + 1, reason: `the tail is gone: ${why}` };
}

/** What seals the row, or why it is not the one that was sealed. */
function sealAgain(row: SealedRow, position: number, head: Buffer): ReturnType<typeof sealRow> | string {
  if (row.position !== position) return `the row is gone: row ${row.position} comes next`;
  if (!row.outcome) return "its outcome was removed";
  if (!row.previousHash.equals(head)) return "it does not continue the row before it";
  const seal = sealRow(head, position, row.outcome);
  return row.hash.equals(seal.hash) ? seal : "its outcome is not the one that was sealed";
}
