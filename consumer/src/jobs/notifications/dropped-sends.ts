import type { TransactionSql } from "postgres";
import type { Channel } from "./send.ts";
import { auditedColumns, type AuditedSend, auditSends } from "./send-audit.ts";

/**
 * Ends what is still to be said about a visit to a recipient whom the patient took back. What waits is dropped; what a
 * sender hands over at this moment, or a person may have sent again, is past its time, so that nothing brings it back.
 */
export async function dropSends(
  sql: TransactionSql,
  appointmentId: string,
  { channel, recipient }: { channel: Channel; recipient: string },
  now: Date,
): Promise<void> {
  const theirs = sql`appointment_id = ${appointmentId} and channel = ${channel} and recipient = ${recipient}`;
  const dropped = await sql<AuditedSend[]>`
    update sends set
      state = 'dropped', held = false, claim = null, lease_until = null, reason = 'the recipient was removed',
      updated_at = ${now}
    where ${theirs} and (state = 'pending' or (state = 'sending' and held))
    returning ${auditedColumns(sql)}`;
  await auditSends(sql, dropped, "dropped", now);
  await sql`
    update sends set expires_at = ${now} where ${theirs} and (expires_at is null or expires_at > ${now})`;
}
