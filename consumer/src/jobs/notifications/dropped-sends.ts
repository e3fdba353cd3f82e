import type { TransactionSql } from "postgres";
import type { Channel } from "./send.ts";
import { auditedColumns, type AuditedSend, auditSend } from "./send-audit.ts";

/**
 * Ends what is still to be said about a visit to a recipient whom the patient took back. What waits is dropped; what a
 * sender holds at this moment, or a person may have sent again, is past its time, so that nothing brings it back.
 */
export async function dropSends(
  sql: TransactionSql,
  appointmentId: string,
  { channel, recipient }: { channel: Channel; recipient: string },
  now: Date,
): Promise<void> {
  const theirs = sql`appointment_id = ${appointmentId} and channel = ${channel} and recipient = ${recipient}`;
  const dropped = await sql<AuditedSend[]>`
    update sends set state = 'dropped', reason = 'the recipient was removed', updated_at = ${now}
    where ${theirs} and state = 'pending'
    returning ${auditedColumns(sql)}`;
  for (const send of dropped) await auditSend(sql, send, "dropped", now);
  await sql`
    update sends set expires_at = ${now} where ${theirs} and (expires_at is null or expires_at > ${now})`;
}
