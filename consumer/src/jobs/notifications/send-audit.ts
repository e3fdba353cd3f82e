import type { Sql, TransactionSql } from "postgres";
import type { Channel } from "./send.ts";
import { appendAudits, type AuditEntry } from "../audit/audit-log.ts";

/** What the audit trail says of a send, its recipient aside: nothing of the patient. */
export interface AuditedSend {
  id: string;
  eventKey: string;
  channel: Channel;
  recipient: string;
  template: string;
  appointmentId: string;
  correlationId: string | null | undefined;
}

/** For a `returning` of statements on `sends`. */
export function auditedColumns(sql: Sql | TransactionSql) {
  return sql`
    id, event_key as "eventKey", channel, recipient, template, appointment_id as "appointmentId",
    correlation_id as "correlationId"`;
}

/** What became of a send, for the transaction that made it so. */
export function auditOfSend(
  { id, eventKey, channel, template, appointmentId, correlationId }: Omit<AuditedSend, "recipient">,
  action: string,
  occurredAt: Date,
): AuditEntry {
  return {
    occurredAt,
    job: "notifications",
    action,
    eventKey,
    aggregateId: appointmentId,
    correlationId: correlationId ?? undefined,
    detail: { send: id, channel, template },
  };
}

/** Records what became of sends, in the transaction that made it so. */
export function auditSends(
  sql: TransactionSql,
  sends: readonly Omit<AuditedSend, "recipient">[],
  action: string,
  occurredAt: Date,
): Promise<void> {
  return appendAudits(sql, sends.map((send) => auditOfSend(send, action, occurredAt)));
}
