import type { JSONValue, Sql, TransactionSql } from "postgres";
import { instants } from "../../postgres/columns.ts";

/** Who did what to which aggregate, and when: identifiers only, never personal data. */
export interface AuditEntry {
  occurredAt: Date;
  /** The job, sender or command that acted. */
  job: string;
  /** What came of it, in the past tense: `applied`, `ignored`, `sent`, `replayed`, … */
  action: string;
  eventKey?: string | undefined;
  eventName?: string | undefined;
  aggregateId?: string | undefined;
  correlationId?: string | undefined;
  actor?: string | undefined;
  detail?: JSONValue | undefined;
}

/** Adds an outcome row that commits with the caller's transaction; the sealer chains it afterwards. */
export function appendAudit(sql: Sql | TransactionSql, entry: AuditEntry): Promise<void> {
  return appendAudits(sql, [entry]);
}

/** The same for many, in their order, with one statement. */
export async function appendAudits(sql: Sql | TransactionSql, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const texts = (member: "eventKey" | "eventName" | "aggregateId" | "correlationId" | "actor") =>
    entries.map((entry) => entry[member] ?? null);
  await sql`
    with outcome as (
      insert into audit_outcomes
        (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail)
      select occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail::jsonb
      from unnest(
        ${instants(entries.map(({ occurredAt }) => occurredAt))}::text[]::timestamptz[], ${
    entries.map(({ job }) => job)
  }::text[],
        ${entries.map(({ action }) => action)}::text[], ${texts("eventKey")}::text[], ${texts("eventName")}::text[],
        ${texts("aggregateId")}::text[], ${texts("correlationId")}::text[], ${texts("actor")}::text[],
        ${entries.map(({ detail }) => detail === undefined ? null : JSON.stringify(detail))}::text[]
      ) with ordinality as entry
        (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail, place)
      order by place
      returning id
    )
    insert into audit_unsealed (outcome_id) select id from outcome`;
}
