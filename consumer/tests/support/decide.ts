import type { TransactionSql } from "postgres";
import { appendAudits } from "../../src/jobs/audit/audit-log.ts";
import type { Job, JobContext, JobOutcome } from "../../src/jobs/job.ts";

/** Decides on what the job's store knows, and keeps what the decision changes and tells the trail; no inbox, no outcome. */
export async function decide<Event, Known, Change>(
  transaction: TransactionSql,
  job: Job<Event, Known, Change>,
  event: Event,
  context: JobContext,
): Promise<JobOutcome> {
  const store = job.createStore(transaction);
  await store.load([{ event, context }]);
  const { outcome, change, audit = [] } = job.decide(event, store.known(event), context);
  if (change !== undefined && outcome.kind !== "wait") store.keep(event, change);
  const foundOut = await store.findOut?.();
  await store.save();
  const entries = [...audit, ...foundOut?.get(event)?.audit ?? []];
  await appendAudits(transaction, entries);
  const detail = foundOut?.get(event)?.detail;
  return outcome.kind === "applied" && detail !== undefined ? { ...outcome, detail } : outcome;
}
