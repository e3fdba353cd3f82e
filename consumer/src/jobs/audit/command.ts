import { parseArgs } from "node:util";
import { readCheckpoints } from "./checkpoint.ts";
import { type AuditProblem, verifyAudit } from "./verify.ts";
import { readChain, type SealedRow } from "./chain-store.ts";
import { type Command, type CommandContext, UsageError } from "../../cli/command.ts";

const usage = `Usage: consumer audit verify [--json]
       consumer audit export [--from TIME] [--to TIME] [--json]

verify   recomputes the chain of the audit trail, holds it against the checkpoints of AUDIT_CHECKPOINT_DIR (signed with
         AUDIT_HMAC_KEY), and names the first broken row. Exit code 1 when there is one, 3 when there is no checkpoint
         yet: then nobody can see whether the end of the trail was removed or all of it rewritten.
export   prints the sealed rows from --from (inclusive) to --to (exclusive), RFC 3339 or a date (UTC), in chain order.

  --json   verify: one JSON object: ok, rows, head, waiting (to be sealed), checkpoints, problems; export: one JSON object a
           row and line, with position and hashes`;

/** The exit code of a trail that is whole in itself, and that no checkpoint vouches for yet. */
const noCheckpoint = 3;

/** `consumer audit`: whether the trail is what was sealed, and what it says. */
export const auditCommand: Command = {
  name: "audit",
  summary: "verify the audit trail, or export a part of it",
  usage,
  async run(args, context) {
    const { subcommand, values } = parse(args);
    if (subcommand === "verify") return await verify(context, values.json);
    if (subcommand === "export") {
      await exportRows(context, timeOf("--from", values.from), timeOf("--to", values.to), values.json);
      return 0;
    }
    throw new UsageError("consumer audit needs verify or export");
  },
};

function parse(args: string[]) {
  try {
    const { values, positionals } = parseArgs({
      args,
      allowPositionals: true,
      options: { from: { type: "string" }, to: { type: "string" }, json: { type: "boolean", default: false } },
    });
    if (positionals.length > 1) throw new UsageError(`Too many arguments: ${positionals.slice(1).join(" ")}`);
    return { subcommand: positionals[0], values };
  } catch (error) {
    if (error instanceof UsageError) throw error;
    throw new UsageError(error instanceof Error ? error.message : String(error), { cause: error });
  }
}

function timeOf(option: string, value: string | undefined): Date | undefined {
  if (value === undefined) return undefined;
  const time = new Date(value);
  const hasOffset = /^\d{4}-\d{2}-\d{2}(T.*(Z|[+-]\d{2}:\d{2}))?$/.test(value);
  if (!hasOffset || Number.isNaN(time.getTime())) {
    throw new UsageError(`${option} ${value} is no RFC 3339 time or date`);
  }
  return time;
}

async function verify(
  { config, openDatabase, print, note, progress }: CommandContext,
  json: boolean,
): Promise<number> {
  const files = config.audit ? await readCheckpoints(config.audit) : { checkpoints: [], invalid: [] };
  if (!config.audit) {
    note("AUDIT_CHECKPOINT_DIR and AUDIT_HMAC_KEY are not set: a removed tail or a rewritten chain can't be seen.");
  }
  const verdict = await verifyAudit(
    openDatabase(),
    files.checkpoints,
    (rows, of) => progress.show(`${rows} of ${of} rows`, rows / of),
  );
  const forged = files.invalid.map((name): AuditProblem => ({ reason: `${name} is not a checkpoint of this key` }));
  const problems = [...verdict.problems, ...forged];
  const ok = problems.length === 0;
  const unvouched = ok && config.audit !== undefined && files.checkpoints.length === 0;
  if (unvouched) {
    note(`There is no checkpoint in ${config.audit!.folder} yet; the service writes one every hour and when it stops.`);
  }

  if (json) print(JSON.stringify({ ok, ...verdict, checkpoints: files.checkpoints.length, problems }));
  else {
    for (const problem of problems) print(describe(problem));
    const { rows, waiting } = verdict;
    const extent = `rows: ${rows}, checkpoints: ${files.checkpoints.length}, waiting to be sealed: ${waiting}`;
    print(ok ? `The audit trail is intact; ${extent}.` : `The audit trail is broken. Good ${extent}.`);
  }
  if (!ok) return 1;
  return unvouched ? noCheckpoint : 0;
}

function describe({ position, outcomeId, reason }: AuditProblem): string {
  const where = [
    ...(position === undefined ? [] : [`Row ${position}`]),
    ...(outcomeId === undefined ? [] : [`outcome ${outcomeId}`]),
  ].join(", ");
  return where === "" ? reason : `${where}: ${reason}`;
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
