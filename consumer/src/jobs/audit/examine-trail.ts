import type { Sql } from "postgres";
import type { Config } from "../../config.ts";
import { type EvidenceSource, type ReadEvidence, readEvidence } from "./evidence.ts";
import { changeableBy } from "./guards.ts";
import type { NoteVerifier } from "./signed-note.ts";
import { askWitness, type WitnessTold } from "./witness/ask-witness.ts";
import { type AuditVerdict, verifyAudit, type VerifyOptions } from "./verify.ts";

export interface Examination extends AuditVerdict {
  /** How many vouch for the trail. */
  checkpoints: number;
  /** What the jobs' role could do, where nothing is said to keep it from that. */
  warning: string | undefined;
  /** Where one is set. */
  witness: WitnessTold | undefined;
}

export interface ExamineOptions extends Pick<VerifyOptions, "verified" | "patienceMs"> {
  /** As the jobs' role. */
  sql: Sql;
  /** As the role that owns the audit tables, where that is another one. */
  owner: Sql;
  audit: Config["audit"];
  /** Instead of the one of the settings. */
  verifiers?: readonly NoteVerifier[] | undefined;
}

/** Reads what vouches for the trail, verifies it, and says who could change it. */
export async function examineTrail(options: ExamineOptions): Promise<Examination> {
  const { owner, audit, verifiers, ...rest } = options;
  const source = evidenceSource(audit, verifiers);
  const evidence: ReadEvidence = source ? await readEvidence(source) : { checkpoints: [], heads: [], forged: [] };
  const verdict = await verifyAudit({ ...rest, sql: owner, evidence, signedSize: evidence.signedSize });
  // A table that is gone has no rights to ask for.
  const rights = verdict.problems.length > 0 && verdict.head === "" ? undefined : await findRights(options.sql);
  const separate = audit.databaseUrl !== undefined;
  // What is broken in itself, nobody has to cosign.
  const witness = source && audit.witness && verdict.problems.length === 0
    ? await askWitness({ sql: owner, ...source, witness: audit.witness })
    : undefined;
  return {
    ...verdict,
    witness: witness?.told,
    problems: [
      ...verdict.problems,
      ...evidence.forged,
      ...(witness?.problem === undefined ? [] : [{ reason: witness.problem }]),
      ...(rights !== undefined && separate ? [{ reason: rights }] : []),
    ],
    checkpoints: evidence.checkpoints.length + evidence.heads.length,
    warning: separate ? undefined : rights,
  };
}

/** Undefined where no checkpoint could be told from a forged one. */
export function evidenceSource(
  { folder, signer, hmacKey }: Config["audit"],
  verifiers: readonly NoteVerifier[] = signer ? [signer] : [],
): EvidenceSource | undefined {
  if (folder === undefined || verifiers.length === 0 && hmacKey === undefined) return undefined;
  return { folder, verifiers, hmacKey };
}

async function findRights(sql: Sql): Promise<string | undefined> {
  const [{ role } = { role: "" }] = await sql<{ role: string }[]>`select current_user as role`;
  const tables = await changeableBy(sql, role);
  return tables.length === 0 ? undefined : `the role ${role} of DATABASE_URL can change ${tables.join(", ")}`;
}
