import type { CommandContext } from "../../cli/command.ts";
import { examineTrail } from "./examine-trail.ts";
import { parsePublicKeys } from "./public-keys.ts";
import type { AuditProblem } from "./trail-walk.ts";

/** The exit code of a trail that is whole in itself, and that no checkpoint vouches for yet. */
const noCheckpoint = 3;

export interface VerifyArguments {
  json: boolean;
  /** As `consumer audit public-key` prints it: instead of the secret one, which nobody else has. */
  publicKeys: readonly string[];
}

/** `consumer audit verify`; answers the exit code. */
export async function runVerify(
  { config, openDatabase, print, note, progress }: CommandContext,
  { json, publicKeys }: VerifyArguments,
): Promise<number> {
  const { warning, ...found } = await examineTrail({
    sql: openDatabase(),
    owner: openDatabase("audit"),
    audit: config.audit,
    verifiers: publicKeys.length > 0 ? parsePublicKeys(publicKeys) : undefined,
    verified: (rows, of) => progress.show(`${rows} of ${of} rows`, rows / of),
  });
  const { problems, rows, checkpoints, waiting, witness } = found;
  const ok = problems.length === 0;
  const unvouched = ok && checkpoints === 0;
  if (unvouched) note(unvouchedNote(config.audit.folder));
  if (warning !== undefined) note(warningNote(warning));
  if (witness?.away !== undefined) note(`The witness could not be asked: ${witness.away}.`);

  if (json) print(JSON.stringify({ ok, ...found }));
  else {
    for (const problem of problems) print(describe(problem));
    const cosigned = witness?.cosigned === undefined ? "" : `, cosigned by the witness: ${witness.cosigned.rows}`;
    const extent = `rows: ${rows}, checkpoints: ${checkpoints}, waiting to be sealed: ${waiting}${cosigned}`;
    print(ok ? `The audit trail is intact; ${extent}.` : `The audit trail is broken. Good ${extent}.`);
  }
  if (!ok) return 1;
  return unvouched ? noCheckpoint : 0;
}

function unvouchedNote(folder: string | undefined): string {
  return folder === undefined
    ? "No checkpoints are kept: a removed tail or a rewritten trail can't be seen. Set AUDIT_CHECKPOINT_DIR and " +
      "AUDIT_SIGNING_KEY (`consumer audit new-key` makes one)."
    : `There is no checkpoint in ${folder} yet; the service writes one with the first rows that it seals.`;
}

function warningNote(warning: string): string {
  return `Worth knowing: ${warning}. Of rows that are not sealed yet, for a second or as long as it keeps the sealer ` +
    "waiting, it could change some unnoticed. AUDIT_DATABASE_URL takes that from it.";
}

export function describe({ position, outcomeId, reason }: AuditProblem): string {
  const where = [
    ...(position === undefined ? [] : [`Row ${position}`]),
    ...(outcomeId === undefined ? [] : [`outcome ${outcomeId}`]),
  ].join(", ");
  return where === "" ? reason : `${where}: ${reason}`;
}
