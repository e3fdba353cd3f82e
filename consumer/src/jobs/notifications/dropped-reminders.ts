import type { TransactionSql } from "postgres";
import { auditedColumns, type AuditedSend, auditSends } from "./send-audit.ts";

/**
 * Ends the use of a visit's reminders that became sends. What waits is dropped; what a sender hands over at this moment,
 * or a person may have sent again, is past its time, so that nothing brings it back.
 */
export async function dropReminders(sql: TransactionSql, appointmentId: string, now: Date): Promise<void> {
  const dropped = await sql<AuditedSend[]>`
    update sends set
      state = 'dropped', held = false, claim = null, lease_until = null, reason = 'the visit was changed',
      updated_at = ${now}
    where appointment_id = ${appointmentId} and template like '%-reminder' and (state = 'pending' or (state = 'sending' and held))
    returning ${auditedColumns(sql)}`;
  await auditSends(sql, dropped, "dropped", now);
  await sql`
    update sends set expires_at = ${now}
    where appointment_id = ${appointmentId} and template like '%-reminder'
      and (expires_at is null or expires_at > ${now})`;
}
