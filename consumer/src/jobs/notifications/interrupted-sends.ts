import type { Fragment, TransactionSql } from "postgres";
import { auditedColumns, type AuditedSend, auditSends } from "./send-audit.ts";

/**
 * Ends sends whose sender stopped before it recorded a result: as their receipts say, and as `unknown` where none came.
 * The claim stays, so that a sender that was only slow can still record what it knows.
 */
export async function endInterrupted(
  sql: TransactionSql,
  leaseIsOver: Fragment,
  now: Date,
): Promise<{ unknown: number; told: number }> {
  const ended = await sql<(AuditedSend & { state: string; receipt: string | null })[]>`
    update sends set
      state = case
        when receipt = 'undelivered' then 'failed'
        when taken_at is not null then 'sent'
        else 'unknown' end,
      reason = case
        when receipt = 'undelivered' then reason
        when taken_at is null then 'the sender stopped before it recorded a result' end,
      updated_at = ${now}
    where state = 'sending' and ${leaseIsOver}
    returning ${auditedColumns(sql)}, state, receipt`;
  const unknown = ended.filter(({ state }) => state === "unknown");
  await auditSends(sql, unknown, "unknown", now);
  // A last word was audited when it came.
  await auditSends(sql, ended.filter(({ state, receipt }) => state === "sent" && receipt === null), "found sent", now);
  return { unknown: unknown.length, told: ended.length - unknown.length };
}
