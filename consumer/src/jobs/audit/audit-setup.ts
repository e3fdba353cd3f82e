import type { Sql } from "postgres";
import type { Config } from "../../config.ts";
import { connectPostgres, statementTimeoutWithin } from "../../postgres/connect.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { TakenBy } from "./checkpoint-taker.ts";
import { ownAuditTables } from "./own-audit-tables.ts";
import type { WitnessedLog } from "./witness/cosign-latest.ts";

/** A pool of the role that owns the audit tables: the jobs' own where no other is named. */
export function openAuditDatabase({ audit, database, delivery }: Config, sql: Sql): Sql {
  if (audit.databaseUrl === undefined) return sql;
  const { tls, pooled, schema } = database;
  const statementTimeoutMs = statementTimeoutWithin(delivery.jobTimeoutMs);
  return connectPostgres(audit.databaseUrl, { tls, pooled, schema, max: 2, statementTimeoutMs });
}

export async function ownAudit({ audit, database }: Config, sql: Sql, log: Logger): Promise<void> {
  if (audit.databaseUrl === undefined) return;
  const { tls, pooled, schema } = database;
  const changed = await ownAuditTables(sql, audit.databaseUrl, { tls, pooled, schema });
  if (changed) log.info("the audit tables belong to the role of AUDIT_DATABASE_URL now");
}

export function checkpointsOf({ audit: { folder, signer, hmacKey } }: Config): TakenBy | undefined {
  return folder !== undefined && (signer || hmacKey !== undefined) ? { folder, signer, hmacKey } : undefined;
}

/** The log that a witness is to cosign; undefined where none is set, or nothing that it could cosign. */
export function witnessedLog({ audit: { folder, signer, witness } }: Config, sql: Sql): WitnessedLog | undefined {
  return folder !== undefined && signer && witness ? { sql, folder, verifiers: [signer], witness } : undefined;
}

/** What an operator should know of a trail that could be changed unnoticed. */
export function warnOfAudit({ audit }: Config, log: Logger): void {
  if (audit.folder === undefined) {
    log.warn("AUDIT_CHECKPOINT_DIR is not set: the audit trail has no checkpoints, and could be rewritten unnoticed");
  } else if (!audit.signer) {
    log.warn("AUDIT_SIGNING_KEY is not set: the audit trail has checkpoints of an HMAC key only, one an hour");
  }
  if (audit.databaseUrl === undefined) {
    log.warn("AUDIT_DATABASE_URL is not set: the jobs' database role may change audit rows before they are sealed");
  }
}
