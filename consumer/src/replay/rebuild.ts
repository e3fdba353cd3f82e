import type { Sql, TransactionSql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import { clearAnalytics } from "../jobs/analytics/analytics-store.ts";
import { appendAudit } from "../jobs/audit/audit-log.ts";
import { clearAvailability } from "../jobs/availability/availability-store.ts";

/** The jobs whose tables follow from the events alone, with what empties them. */
const clear: Partial<Record<JobName, (sql: TransactionSql, since: Date) => Promise<void>>> = {
  analytics: clearAnalytics,
  availability: clearAvailability,
};

export const rebuildableJobs = Object.keys(clear) as JobName[];

export interface Rebuild {
  job: JobName;
  /** The timestamp of the archive's first event; what is older could not be told again, and is kept. */
  since: Date;
  actor: string;
  now: Date;
}

/** Empties the job's tables of what the archive tells, and forgets what it has processed, in one transaction. */
export async function forgetEffects(sql: Sql, { job, since, actor, now }: Rebuild): Promise<void> {
  await sql.begin(async (transaction) => {
    await clear[job]!(transaction, since);
    await transaction`delete from inbox where job = ${job}`;
    await transaction`delete from version_conflicts where job = ${job}`;
    const detail = { since: since.toISOString() };
    await appendAudit(transaction, { occurredAt: now, job, action: "rebuilding", actor, detail });
  });
}
