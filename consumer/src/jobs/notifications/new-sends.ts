import type { JSONValue, TransactionSql } from "postgres";
import type { NewSend } from "./send.ts";

/** Adds rows to the ledger; one with the same event, channel, recipient and template is there once. */
export async function addSends(sql: TransactionSql, sends: NewSend[]): Promise<void> {
  if (sends.length === 0) return;
  const rows = sends.map((send) => ({
    event_key: send.eventKey,
    channel: send.channel,
    recipient: send.recipient,
    template: send.template,
    appointment_id: send.appointmentId,
    correlation_id: send.correlationId ?? null,
    content: sql.json(send.content as unknown as JSONValue),
    due_at: send.dueAt,
    expires_at: send.expiresAt ?? null,
    created_at: send.dueAt,
    updated_at: send.dueAt,
  }));
  await sql`insert into sends ${sql(rows as never[])} on conflict do nothing`;
}
