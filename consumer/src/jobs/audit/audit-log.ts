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
export async function appendAudit(sql: Sql | TransactionSql, entry: AuditEntry): Promise<void> {
  await sql`
    with outcome as (
      insert into audit_outcomes
        (occurred_at, job, action, event_key, event_name, aggregate_id, correlation_id, actor, detail)
      values (
        ${entry.occurredAt}, ${entry.job}, ${entry.action}, ${entry.eventKey ?? null}, ${entry.eventName ?? null},
        ${entry.aggregateId ?? null}, ${entry.correlationId ?? null}, ${entry.actor ?? null},
        ${entry.detail === undefined ? null : sql.json(entry.detail)}
      )
      returning id
    )
    insert into audit_unsealed (outcome_id) select id from outcome`;
}
