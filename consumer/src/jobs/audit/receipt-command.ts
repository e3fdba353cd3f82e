import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import process from "node:process";
import { type CommandContext, UsageError } from "../../cli/command.ts";
import { issueReceipt, NoReceipt, placesOf, type ReceiptOrder } from "./issue-receipt.ts";
import { parsePublicKeys, parseWitness } from "./public-keys.ts";
import { checkReceipt, ReceiptError } from "./receipt.ts";

export interface ReceiptArguments extends Pick<ReceiptOrder, "position" | "cosigned"> {
  json: boolean;
}

/** `consumer audit receipt EVENT_ID`: prints the file; answers the exit code. */
export async function runReceipt(
  { config, openDatabase, print, note }: CommandContext,
  eventKey: string,
  { json, ...which }: ReceiptArguments,
): Promise<number> {
  try {
    const { row, receipt, others } = await issueReceipt(openDatabase(), config.audit, { eventKey, ...which });
    if (json) {
      print(JSON.stringify({ position: row.position, receipt, others: others.map((one) => one.position) }));
      return 0;
    }
    print(receipt.trimEnd());
    if (others.length > 0) note(`Of row ${row.position}; --position gives those of the rows ${placesOf(others)}.`);
    return 0;
  } catch (error) {
    if (!(error instanceof NoReceipt)) throw error;
    note(error.message);
    return 1;
  }
}

export interface VerifyReceiptArguments {
  json: boolean;
  publicKeys: readonly string[];
  /** The key of a witness that has to have cosigned. */
  witness: string | undefined;
}

/** `consumer audit verify-receipt FILE`, without a database; answers the exit code. */
export async function runVerifyReceipt(
  context: CommandContext,
  file: string,
  { json, publicKeys, witness }: VerifyReceiptArguments,
): Promise<number> {
  const { print } = context;
  const cosigner = witness === undefined ? undefined : parseWitness(witness);
  const verifiers = publicKeys.length > 0 ? parsePublicKeys(publicKeys) : [ownKey(context)];
  const content = file === "-" ? await text(process.stdin) : await readFile(file, "utf8");
  try {
    const { row, origin, size, cosigned } = checkReceipt(content, verifiers, cosigner);
    if (json) print(JSON.stringify({ ok: true, origin, size, cosigned, row }));
    else {
      const by = cosigned && `, and ${cosigned.witness} has cosigned at ${cosigned.at}`;
      print(`Row ${row.position} of the ${size} rows that ${origin} has signed${by ?? ""}:`);
      print(JSON.stringify(row, undefined, 2));
    }
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
