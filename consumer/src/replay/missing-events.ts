import type { Sql } from "postgres";
import { comparedUntil } from "./archive-comparisons.ts";
import { overlapMs, settleMs } from "./catch-up.ts";
import { findMissing } from "./find-missing.ts";
import { eventsFor } from "./publish-archive.ts";
import type { ArchivedEvent, ArchiveFilter } from "./archive-client.ts";
import type { OpsOptions } from "./request-producer.ts";
import { UsageError } from "../cli/command.ts";
import type { JobName } from "../generated/jobs.ts";

/** From when on a job may have missed something: the time up to which it is known to have had everything. */
export async function sinceLastCompared(sql: Sql, job: JobName, { from, to }: ArchiveFilter): Promise<ArchiveFilter> {
  const known = from ? undefined : await comparedUntil(sql, job);
  if (!from && !known) {
    throw new UsageError(`Nothing is known of what the job ${job} has had: say --from`);
  }
  return {
    from: from ?? new Date(known!.getTime() - overlapMs),
    to: to ?? new Date(Date.now() - settleMs),
  };
}

/** What the archive holds for the job, and the job has neither processed nor given up. */
export function missingEvents(
  sql: Sql,
  job: JobName,
  archive: OpsOptions,
  filter: ArchiveFilter,
): AsyncGenerator<ArchivedEvent> {
  return findMissing(sql, job, eventsFor(job, archive, filter));
}
