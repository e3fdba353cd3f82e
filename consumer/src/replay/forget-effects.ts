import type { Sql } from "postgres";
import type { JobModule } from "../jobs/module.ts";
import { appendAudit } from "../jobs/audit/audit-log.ts";

export interface Rebuild {
  /** The timestamp of the archive's first event; what is older could not be told again, and is kept. */
  since: Date;
  actor: string;
  now: Date;
}

/** A job whose tables follow from the events alone. */
export type RebuildableJob = JobModule & Required<Pick<JobModule, "rebuild">>;

export function isRebuildable(module: JobModule): module is RebuildableJob {
  return module.rebuild !== undefined;
}

/** Empties the job's tables of what the archive tells, and forgets what it has processed, in one transaction. */
export async function forgetEffects(sql: Sql, module: RebuildableJob, { since, actor, now }: Rebuild): Promise<void> {
  const { name: job } = module;
  await sql.begin(async (transaction) => {
    await module.rebuild(transaction, since);
    await transaction`delete from inbox where job = ${job}`;
    await transaction`delete from version_conflicts where job = ${job}`;
    const detail = { since: since.toISOString() };
    await appendAudit(transaction, { occurredAt: now, job, action: "rebuilding", actor, detail });
  });
}
