import { parseArgs } from "node:util";
import { readChain, type SealedRow } from "./chain-store.ts";
import { runNewKey, runPublicKey } from "./key-command.ts";
import { runReceipt, runVerifyReceipt } from "./receipt-command.ts";
import { runVerify } from "./verify-command.ts";
import { type Command, type CommandContext, UsageError } from "../../cli/command.ts";

const usage = `Usage: consumer audit verify [--public-key KEY] [--json]
       consumer audit receipt EVENT_ID [--position N] [--cosigned] [--json]
       consumer audit verify-receipt FILE [--public-key KEY] [--witness KEY] [--json]
       consumer audit public-key [--json]
       consumer audit new-key [NAME] [--json]
       consumer audit export [--from TIME] [--to TIME] [--json]

verify          computes chain and tree of the audit trail anew, holds them against the checkpoints of
                AUDIT_CHECKPOINT_DIR, and names the first broken row, and what the sealer has left undone for 5 seconds.
                Where AUDIT_WITNESS_URL is set it asks the witness whether it has seen another history.
                Exit code 1 when there is one, 3 when there is no checkpoint yet: then nobody can see whether the end of
                the trail was removed or all of it rewritten.
receipt         prints a file of less than 2 KB (C2SP tlog-proof) that proves the row of an event to whoever
                has the public key: the one that says that it was recorded, or the one at --position. With --cosigned it
                goes by the checkpoint that the witness has cosigned last.
verify-receipt  checks such a file (- reads it from standard input), without a database and without a network.
public-key      prints the public key of AUDIT_SIGNING_KEY.
new-key         makes a value for AUDIT_SIGNING_KEY; NAME is the log's, such as clinic.example/audit.
export          prints the sealed rows from --from (inclusive) to --to (exclusive), RFC 3339 or a date (UTC), in chain
                order.

  --public-key KEY  what public-key prints, instead of the key of AUDIT_SIGNING_KEY; may be given several times
  --witness KEY     the public key of the witness (AUDIT_WITNESS_VKEY): the receipt has to have its cosignature
  --json            verify: one JSON object: ok, rows, head, waiting (to be sealed), checkpoints, witness, problems;
                    receipt: position, receipt, others; verify-receipt: ok, origin, size, cosigned, row; public-key and
                    new-key: publicKey, signingKey; export: one JSON object a row and line, with position and hashes`;

/** `consumer audit`: whether the trail is what was sealed, the proof of it, and what it says. */
export const auditCommand: Command = {
  name: "audit",
  summary: "verify the audit trail, prove a row of it, or export a part of it",
  usage,
  async run(args, context) {
    const { subcommand, operand, values } = parse(args);
    const checking = { json: values.json, publicKeys: values["public-key"] };
    if (subcommand === "verify") return await runVerify(context, checking);
    if (subcommand === "receipt") {
      const { json, cosigned } = values;
      return await runReceipt(context, operand, { position: positionOf(values.position), cosigned, json });
    }
    if (subcommand === "verify-receipt") {
      return await runVerifyReceipt(context, operand, { ...checking, witness: values.witness });
    }
    if (subcommand === "public-key") return runPublicKey(context, values.json);
    if (subcommand === "new-key") return runNewKey(context, values.json, operand || undefined);
    await exportRows(context, timeOf("--from", values.from), timeOf("--to", values.to), values.json);
    return 0;
  },
};

/** How many operands each takes: min and max. */
const operands: Record<string, [min: number, max: number]> = {
  "verify": [0, 0],
  "receipt": [1, 1],
  "verify-receipt": [1, 1],
  "public-key": [0, 0],
  "new-key": [0, 1],
  "export": [0, 0],
};

const options = {
  "from": { type: "string" },
  "to": { type: "string" },
  "position": { type: "string" },
  "public-key": { type: "string", multiple: true, default: [] as string[] },
  "witness": { type: "string" },
  "cosigned": { type: "boolean", default: false },
  "json": { type: "boolean", default: false },
} as const;

function parse(args: string[]) {
  try {
    const { values, positionals: [subcommand = "", ...rest] } = parseArgs({ args, allowPositionals: true, options });
    const [min, max] = operands[subcommand] ?? [-1, -1];
    if (min < 0) throw new UsageError(`consumer audit needs ${Object.keys(operands).join(", ")}`);
    if (rest.length < min) throw new UsageError(`consumer audit ${subcommand} needs one more argument`);
    if (rest.length > max) throw new UsageError(`Too many arguments: ${rest.slice(max).join(" ")}`);
    return { subcommand, operand: rest[0] ?? "", values };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function positionOf(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(value)) throw new UsageError(`--position ${value} is not the position of a row`);
  return Number(value);
}

function timeOf(option: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const time = new Date(value);
  const hasOffset = /^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(value);
  if (!hasOffset || Number.isNaN(time.getTime())) {
    throw new UsageError(`${option} ${value} is not an RFC 3339 time or date`);
  }
  return time;
}

async function exportRows(
  { openDatabase, print, note, progress }: CommandContext,
  from: Date | undefined,
  to: Date | undefined,
  json: boolean,
): Promise<void> {
  await openDatabase().begin("isolation level repeatable read read only", async (transaction) => {
    progress.show("reading the audit trail");
    let rows = 0;
    for await (const row of readChain(transaction, { from, to })) {
      print(json ? jsonLine(row) : textLine(row));
      rows++;
    }
    if (rows === 0) note("There is no sealed row in that span.");
  });
}

function jsonLine({ position, previousHash, hash, outcome }: SealedRow): string {
  const hashes = { previousHash: previousHash.toString("hex"), hash: hash.toString("hex") };
  return JSON.stringify({ position, ...hashes, ...outcome });
}

function textLine({ position, outcome }: SealedRow): string {
  if (!outcome) return `${position}\t(removed)`;
  const { occurredAt, job, action, eventName, aggregateId, correlationId, actor, detail } = outcome;
  const fields = [eventName, aggregateId, actor, correlationId].map((field) => field ?? "-");
  return [position, occurredAt.toISOString(), job, action, ...fields, JSON.stringify(detail)].join("\t");
}
