import { Buffer } from "node:buffer";
import type { Sql } from "postgres";
import { canonicalJson } from "./canonical-json.ts";
import { type AuditEntryRow, type AuditOutcome, digestOf, entryRow } from "./chain.ts";
import { inclusionProof, leafHash, rootOfInclusion } from "./merkle.ts";
import type { NoteVerifier } from "./signed-note.ts";
import { tileReader } from "./tile-store.ts";
import { nodesOfTiles } from "./tiles.ts";
import { readTreeCheckpoint } from "./tree-checkpoint.ts";
import { cosignedAt } from "./witness/cosignature.ts";

/** C2SP tlog-proof. */
const firstLine = "c2sp.org/tlog-proof@v1";
/** Of a row with a longer `detail` the receipt has its SHA-256 only. */
const maxBytes = 2_047;

export class ReceiptError extends Error {
  override name = "ReceiptError";
}

export interface ReceiptSource {
  sql: Sql;
  /** The signed checkpoint that the receipt goes by. */
  note: string;
  verifiers: readonly NoteVerifier[];
}

export interface CheckedReceipt {
  row: AuditEntryRow & { detail?: unknown };
  /** Of the log that vouches for it. */
  origin: string;
  size: number;
  /** Where it was asked for. */
  cosigned?: { witness: string; at: string };
}

/** A file that proves the row to whoever has the public key. Throws a ReceiptError where that is not possible (yet). */
export async function createReceipt(
  { sql, note, verifiers }: ReceiptSource,
  position: number,
  outcome: AuditOutcome,
): Promise<string> {
  const head = readTreeCheckpoint(note, verifiers);
  if (!head) throw new ReceiptError("the last checkpoint is not signed by this key");
  if (head.size < position) throw new ReceiptError(`row ${position} is in no checkpoint yet; that takes a second`);
  const readTile = tileReader(sql, [position - 1, head.size - 1]);
  const path = await inclusionProof(nodesOfTiles(readTile), position - 1, head.size);
  const row = entryRow(position, outcome);
  const root = rootOfInclusion(leafHash(canonicalJson(row)), position - 1, head.size, path);
  if (!root?.equals(head.root)) throw new ReceiptError(`row ${position} is not the one that was sealed`);
  const whole = writeReceipt({ ...row, detail: outcome.detail }, path, note);
  return Buffer.byteLength(whole) <= maxBytes ? whole : writeReceipt(row, path, note);
}

function writeReceipt(row: AuditEntryRow & { detail?: unknown }, path: readonly Buffer[], note: string): string {
  const extra = Buffer.from(canonicalJson(row)).toString("base64");
  const hashes = path.map((hash) => `${hash.toString("base64")}\n`).join("");
  return `${firstLine}\nextra ${extra}\nindex ${row.position - 1}\n${hashes}\n${note}`;
}

/** Needs nothing but the public keys: the log's, and that of the witness that has to have cosigned. Throws a ReceiptError. */
export function checkReceipt(
  receipt: string,
  verifiers: readonly NoteVerifier[],
  witness?: NoteVerifier,
): CheckedReceipt {
  const end = receipt.indexOf("\n\n");
  const [first, extra = "", index = "", ...hashes] = receipt.slice(0, Math.max(end, 0)).split("\n");
  if (first !== firstLine || !extra.startsWith("extra ") || !/^index (0|[1-9]\d{0,15})$/.test(index)) {
    throw new ReceiptError("is no receipt of the audit trail");
  }
  const note = receipt.slice(end + 2);
  const head = readTreeCheckpoint(note, verifiers);
  if (!head) throw new ReceiptError("its checkpoint is not signed by this key");
  const at = witness && cosignedAt(note, witness);
  if (witness && !at) throw new ReceiptError(`its checkpoint is not cosigned by ${witness.name}`);
  const { detail, ...row } = parseRow(extra.slice("extra ".length));
  if (row.position !== Number(index.slice("index ".length)) + 1) {
    throw new ReceiptError("it names two places of its row");
  }
  if (detail !== undefined && digestOf(detail) !== row.detailSha256) {
    throw new ReceiptError("its detail is not the one that was sealed");
  }
  const path = hashes.map((hash) => Buffer.from(hash, "base64"));
  const root = rootOfInclusion(leafHash(canonicalJson(row)), row.position - 1, head.size, path);
  if (!root?.equals(head.root)) throw new ReceiptError("its row is not in the tree that was signed");
  return {
    row: { ...row, ...(detail !== undefined && { detail }) },
    origin: note.split("\n", 1)[0]!,
    size: head.size,
    ...(witness && at && { cosigned: { witness: witness.name, at: at.toISOString() } }),
  };
}

function parseRow(base64: string): AuditEntryRow & { detail?: unknown } {
  try {
    const row = JSON.parse(Buffer.from(base64, "base64").toString());
    if (typeof row === "object" && row !== null && Number.isSafeInteger(row.position)) return row;
  } catch {
    // told below
  }
  throw new ReceiptError("its row can't be read");
}
