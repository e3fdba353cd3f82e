import type { TransactionSql } from "postgres";
import type { AuditEvent } from "../../generated/jobs.ts";
import { differingFields } from "../differing-fields.ts";
import type { Told } from "../job.ts";
import type { Finding, Reconciliation } from "../reconciliation.ts";
import { createAuditJob } from "./audit.ts";
import { appendAudit, type AuditEntry } from "./audit-log.ts";

const { decide } = createAuditJob();

type Recorded = Pick<AuditEntry, "eventName" | "aggregateId" | "correlationId" | "actor" | "detail"> & {
  eventKey: string;
  occurredAt: string;
};

async function recordsOf(sql: TransactionSql, ids: readonly string[]): Promise<Map<string, Recorded[]>> {
  const rows = await sql<(Omit<AuditEntry, "occurredAt"> & { eventKey: string; occurredAt: Date })[]>`
    select event_key as "eventKey", event_name as "eventName", aggregate_id as "aggregateId",
      correlation_id as "correlationId", actor, occurred_at as "occurredAt", detail
    from audit_outcomes
    where job = 'audit' and action = 'recorded' and aggregate_id = any(${[...ids]}::text[]) order by id`;
  const byKey = new Map<string, Recorded[]>();
  for (const { occurredAt, correlationId, actor, ...row } of rows) {
    const record = {
      ...row,
      occurredAt: occurredAt.toISOString(),
      correlationId: correlationId ?? undefined,
      actor: actor ?? undefined,
    };
    byKey.set(row.eventKey, [...byKey.get(row.eventKey) ?? [], record]);
  }
  return byKey;
}

function compareRecord({ event, context }: Told<AuditEvent>, records: readonly Recorded[]): Finding[] {
  const [entry] = decide(event, undefined, context).audit!;
  const found = { aggregateId: event.aggregateId, what: `record of ${event.eventName} ${context.eventKey}` };
  if (records.length === 0) {
    return [{ ...found, kind: "missing", how: "recorded", mend: (sql) => appendAudit(sql, entry!) }];
  }
  const { job: _job, action: _action, occurredAt, ...rest } = entry!;
  const expected = { ...rest, occurredAt: occurredAt.toISOString() };
  const differing = records.map((record) => differingFields(record, expected));
  if (differing.some((fields) => fields.length === 0)) return [];
  // Where it was told again after its patient was erased, the trail has no more than the archive, and is not changed.
  const fields = differing[0]!;
  return [{ ...found, kind: "different", fields, how: "the trail is only ever added to: consumer audit verify" }];
}

/** What the trail has recorded against the archive. What is missing is recorded now; nothing is ever changed. */
export const auditReconciliation: Reconciliation = {
  async compare(sql, histories) {
    const records = await recordsOf(sql, histories.map(({ aggregateId }) => aggregateId));
    const findings = histories.flatMap(({ told }) =>
      (told as Told<AuditEvent>[]).flatMap((one) => compareRecord(one, records.get(one.context.eventKey) ?? []))
    );
    return { findings, left: [] };
  },
};
