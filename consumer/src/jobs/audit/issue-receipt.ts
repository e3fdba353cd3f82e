import type { Sql } from "postgres";
import type { Config } from "../../config.ts";
import { readRowsOf, type SealedRow } from "./chain-store.ts";
import { createReceipt } from "./receipt.ts";
import { readLatestNote } from "./tree-checkpoints.ts";
import { readCosigned } from "./witness/cosigned-checkpoint.ts";

/** There is nothing to prove, or nothing yet to prove it by. */
export class NoReceipt extends Error {
  override name = "NoReceipt";
}

export interface ReceiptOrder {
  eventKey: string;
  /** Of which row of the event; without it of the one that says that the event was recorded. */
  position?: number | undefined;
  /** By the checkpoint that the witness has cosigned last. */
  cosigned?: boolean;
}

export interface IssuedReceipt {
  row: SealedRow;
  receipt: string;
  /** The rows of the same event. */
  others: SealedRow[];
}

/** Throws a NoReceipt, or the ReceiptError of a row that is not, or not yet, what was signed. */
export async function issueReceipt(
  sql: Sql,
  audit: Config["audit"],
  { eventKey, position, cosigned = false }: ReceiptOrder,
): Promise<IssuedReceipt> {
  const { folder, signer } = audit;
  if (folder === undefined || !signer) {
    throw new NoReceipt("A receipt needs a signed checkpoint: set AUDIT_CHECKPOINT_DIR and AUDIT_SIGNING_KEY.");
  }
  const rows = await readRowsOf(sql, eventKey);
  const row = position === undefined
    ? rows.find(({ outcome }) => outcome?.action === "recorded") ?? rows[0]
    : rows.find((one) => one.position === position);
  if (!row?.outcome) {
    throw new NoReceipt(
      rows.length === 0 ? `No sealed row tells of the event ${eventKey}.` : `It has the rows ${placesOf(rows)}.`,
    );
  }
  const note = cosigned ? await cosignedNote(audit, folder, signer) : await readLatestNote(folder);
  if (note === undefined) throw new NoReceipt(`There is no signed checkpoint in ${folder} yet.`);
  const receipt = await createReceipt({ sql, note, verifiers: [signer] }, row.position, row.outcome);
  return { row, receipt, others: rows.filter((one) => one !== row) };
}

async function cosignedNote(
  { witness }: Config["audit"],
  folder: string,
  signer: NonNullable<Config["audit"]["signer"]>,
): Promise<string> {
  if (!witness) throw new NoReceipt("No witness cosigns checkpoints: set AUDIT_WITNESS_URL and AUDIT_WITNESS_VKEY.");
  const cosigned = await readCosigned(folder, [signer], witness.verifier);
  if (!cosigned) throw new NoReceipt("The witness has cosigned no checkpoint yet.");
  return cosigned.note;
}

export function placesOf(rows: readonly SealedRow[]): string {
  return rows.map(({ position, outcome }) => `${position} (${outcome?.job} ${outcome?.action})`).join(", ");
}
