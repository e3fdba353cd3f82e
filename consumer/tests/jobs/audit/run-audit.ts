import type { Sql } from "postgres";
import { noProgress } from "../../../src/cli/progress.ts";
import { readConfig } from "../../../src/config.ts";
import { auditCommand } from "../../../src/jobs/audit/command.ts";
import { type NoteSigner, writeSigner } from "../../../src/jobs/audit/signed-note.ts";

export interface AuditSettings {
  jobs: { sql: Sql; url: string };
  /** Where it is another one. */
  owner?: { sql: Sql; url: string };
  folder?: string;
  signer?: NoteSigner;
  hmacKey?: string;
  witness?: { url: string; vkey: string };
}

/** `consumer audit …` with these settings. */
export async function runAudit({ jobs, owner, folder, signer, hmacKey, witness }: AuditSettings, ...args: string[]) {
  const noted: string[] = [];
  const printed: string[] = [];
  const config = readConfig({
    DATABASE_URL: jobs.url,
    AMQP_URL: "amqp://localhost",
    JOBS: "none",
    AUDIT_CHECKPOINT_DIR: folder,
    AUDIT_SIGNING_KEY: signer && writeSigner(signer),
    AUDIT_HMAC_KEY: hmacKey,
    AUDIT_DATABASE_URL: owner?.url,
    AUDIT_WITNESS_URL: witness?.url,
    AUDIT_WITNESS_VKEY: witness?.vkey,
  });
  const code = await auditCommand.run(args, {
    config,
    openDatabase: (as) => (as === "audit" && owner ? owner.sql : jobs.sql),
    print: (line) => printed.push(line),
    note: (line) => noted.push(line),
    progress: noProgress,
  });
  return { code, printed, noted };
}
