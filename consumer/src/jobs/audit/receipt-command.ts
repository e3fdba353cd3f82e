import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import process from "node:process";
import { type CommandContext, UsageError } from "../../cli/command.ts";
import { readRowsOf, type SealedRow } from "./chain-store.ts";
import { parsePublicKeys } from "./public-keys.ts";
import { checkReceipt, createReceipt, ReceiptError } from "./receipt.ts";
import { readLatestNote } from "./tree-checkpoints.ts";

export interface ReceiptArguments {
  /** Of which row of the event; without it of the one that says that the event was recorded. */
  position: number | undefined;
  json: boolean;
}

/** `consumer audit receipt EVENT_ID`: prints the file; answers the exit code. */
export async function runReceipt(
  { config, openDatabase, print, note }: CommandContext,
  eventKey: string,
  { position, json }: ReceiptArguments,
): Promise<number> {
  const { folder, signer } = config.audit;
  if (folder === undefined || !signer) {
    note("A receipt needs a signed checkpoint: set AUDIT_CHECKPOINT_DIR and AUDIT_SIGNING_KEY.");
    return 1;
  }
  const sql = openDatabase();
  const rows = await readRowsOf(sql, eventKey);
  const row = position === undefined
    ? rows.find(({ outcome }) => outcome?.action === "recorded") ?? rows[0]
    : rows.find((one) => one.position === position);
  if (!row?.outcome) {
    note(rows.length === 0 ? `No sealed row tells of the event ${eventKey}.` : `It has the rows ${placesOf(rows)}.`);
    return 1;
  }
  const signed = await readLatestNote(folder);
  if (signed === undefined) throw new ReceiptError(`there is no signed checkpoint in ${folder} yet`);
  const receipt = await createReceipt({ sql, note: signed, verifiers: [signer] }, row.position, row.outcome);
  const others = rows.filter((one) => one !== row);
  if (json) {
    print(JSON.stringify({ position: row.position, receipt, others: others.map((one) => one.position) }));
    return 0;
  }
  print(receipt.trimEnd());
  if (others.length > 0) note(`Of row ${row.position}; --position gives those of the rows ${placesOf(others)}.`);
  return 0;
}

function placesOf(rows: readonly SealedRow[]): string {
  return rows.map(({ position, outcome }) => `${position} (${outcome?.job} ${outcome?.action})`).join(", ");
}

export interface VerifyReceiptArguments {
  json: boolean;
  publicKeys: readonly string[];
}

/** `consumer audit verify-receipt FILE`, without a database; answers the exit code. */
export async function runVerifyReceipt(
  context: CommandContext,
  file: string,
  { json, publicKeys }: VerifyReceiptArguments,
): Promise<number> {
  const { print } = context;
  const verifiers = publicKeys.length > 0 ? parsePublicKeys(publicKeys) : [ownKey(context)];
  const content = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  try {
    const { row, origin, size } = checkReceipt(content, verifiers);
    if (json) print(JSON.stringify({ ok: true, origin, size, row }));
    else {print(
        `Row ${row.position} of the ${size} rows that ${origin} has signed:\n${JSON.stringify(row, undefined, 2)}`,
      );}
    return 0;
  } catch (error) {
    if (!(error instanceof ReceiptError)) throw error;
    print(json ? JSON.stringify({ ok: false, problem: error.message }) : `The receipt is not valid: ${error.message}.`);
    return 1;
  }
}

/** The settings are read only where no key was given: a receipt is checked where there are none. */
function ownKey({ config }: CommandContext) {
  if (!config.audit.signer) throw new UsageError("verify-receipt needs --public-key, or AUDIT_SIGNING_KEY");
  return config.audit.signer;
}
