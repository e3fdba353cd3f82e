import type { Sql, TransactionSql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import { clearAnalytics } from "./analytics-store.ts";
import { appendAudit } from "./audit-log.ts";
import { clearAvailability } from "./availability-store.ts";

/** The jobs whose tables follow from the events alone, with what empties them. */
const clear: Partial<Record<JobName, (sql: TransactionSql) => Promise<void>>> = {
  analytics: clearAnalytics,
  availability: clearAvailability,
};

export const rebuildableJobs = Object.keys(clear) as JobName[];

/** Empties the job's tables and forgets what it has processed, in one transaction. */
export async function forgetEffects(sql: Sql, job: JobName, actor: string, now: Date): Promise<void> {
  await sql.begin(async (transaction) => {
    await clear[job]!(transaction);
    await transaction`delete from inbox where job = ${job}`;
    await appendAudit(transaction, { occurredAt: now, job, action: "rebuilding", actor });
  });
}
