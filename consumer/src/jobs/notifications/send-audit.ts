import type { Sql, TransactionSql } from "postgres";
import type { Channel } from "./send.ts";
import { appendAudit } from "../audit/audit-log.ts";

/** What the audit trail says of a send: nothing of the patient. */
export interface AuditedSend {
  id: string;
  eventKey: string;
  channel: Channel;
  template: string;
  appointmentId: string;
  correlationId: string | null | undefined;
}

/** For a `returning` of statements on `sends`. */
export function auditedColumns(sql: Sql | TransactionSql) {
  return sql`
    id, event_key as "eventKey", channel, template, appointment_id as "appointmentId",
    correlation_id as "correlationId"`;
}

/** Records what became of a send, in the transaction that made it so. */
export function auditSend(
  sql: TransactionSql,
  { id, eventKey, channel, template, appointmentId, correlationId }: AuditedSend,
  action: string,
  occurredAt: Date,
): Promise<void> {
  return appendAudit(sql, {
    occurredAt,
    job: "notifications",
    action,
    eventKey,
    aggregateId: appointmentId,
    correlationId: correlationId ?? undefined,
    detail: { send: id, channel, template },
  });
}
