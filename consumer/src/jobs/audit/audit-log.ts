import type { JSONValue, Sql, TransactionSql } from "postgres";

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
  const rows = entries.map((entry, n) => ({ ...entry, occurredAt: entry.occurredAt.toISOString(), n }));
  await sql`
    with entry as (
      select * from jsonb_to_recordset(${sql.json(rows as unknown as JSONValue)}) as entry (
        n integer, "occurredAt" timestamptz, job text, action text, "eventKey" text, "eventName" text,
        "aggregateId" text, "correlationId" text, actor text, detail jsonb)
    ), outcome as (
      insert into audit_outcomes
        (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail)
      select "occurredAt", job, action, "eventKey", "eventName", "aggregateId", "correlationId", actor, detail
      from entry order by n
      returning id
    )
    insert into audit_unsealed (outcome_id) select id from outcome order by id`;
}
