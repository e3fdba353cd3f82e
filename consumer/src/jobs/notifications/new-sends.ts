import type { TransactionSql } from "postgres";
import type { NewSend } from "./send.ts";
import { auditedColumns, type AuditedSend } from "./send-audit.ts";
import { instants } from "../../postgres/columns.ts";

/** A send that comes into the ledger, perhaps one that was ended by a later event of the same transaction. */
export interface AddedSend extends NewSend {
  dropped?: { reason: string; at: Date };
}

/**
 * Adds rows to the ledger, in this order; one with the same event, channel, recipient and template is there once.
 * Answers those that it added.
 */
export async function addSends(sql: TransactionSql, sends: readonly AddedSend[]): Promise<AuditedSend[]> {
  if (sends.length === 0) return [];
  return await sql<AuditedSend[]>`
    insert into sends (
      event_key, channel, recipient, template, appointment_id, correlation_id, content, state, due_at, expires_at,
      created_at, updated_at, reason, traceparent
    )
    select event_key, channel, recipient, template, appointment_id, correlation_id, content::jsonb, state, due_at,
      expires_at, due_at, coalesce(dropped_at, due_at), reason, traceparent
    from unnest(
      ${sends.map(({ eventKey }) => eventKey)}::text[], ${sends.map(({ channel }) => channel)}::text[],
      ${sends.map(({ recipient }) => recipient)}::text[], ${sends.map(({ template }) => template)}::text[],
      ${sends.map(({ appointmentId }) => appointmentId)}::uuid[],
      ${sends.map(({ correlationId = null }) => correlationId)}::text[],
      ${sends.map(({ content }) => JSON.stringify(content))}::text[],
      ${sends.map(({ dropped }) => dropped ? "dropped" : "pending")}::text[],
      ${instants(sends.map(({ dueAt }) => dueAt))}::text[]::timestamptz[],
      ${instants(sends.map(({ expiresAt = null }) => expiresAt))}::text[]::timestamptz[],
      ${instants(sends.map(({ dropped }) => dropped?.at ?? null))}::text[]::timestamptz[],
      ${sends.map(({ dropped }) => dropped?.reason ?? null)}::text[],
      ${sends.map(({ traceparent = null }) => traceparent)}::text[]
    ) with ordinality as told (
      event_key, channel, recipient, template, appointment_id, correlation_id, content, state, due_at, expires_at,
      dropped_at, reason, traceparent, place
    )
    order by place
    on conflict do nothing
    returning ${auditedColumns(sql)}`;
}
