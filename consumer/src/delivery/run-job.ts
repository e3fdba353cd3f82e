import { setTimeout as sleep } from "node:timers/promises";
import type { Sql, TransactionSql } from "postgres";
import type { ReceivedEvent } from "./message.ts";
import { PermanentError } from "./permanent-error.ts";
import { appendAudit } from "../jobs/audit/audit-log.ts";
import {
  isConcurrencyFailure,
  isUnstorableText,
  isUnstorableValue,
  SilentDatabaseError,
} from "../postgres/failure-kind.ts";
import { guardedTransaction } from "../postgres/guarded-transaction.ts";
import { claimVersion, type Conflict } from "./claim-version.ts";
import { markIgnored } from "./inbox.ts";
import type { Job, JobOutcome } from "../jobs/job.ts";

export type JobResult = JobOutcome | { kind: "duplicate" };

/** The job took longer than it may; its transaction is rolled back and its slot is free again. */
export class JobTimeoutError extends Error {
  override name = "JobTimeoutError";
}

/** Rolls the transaction back without being a failure. */
class Waiting extends Error {
  readonly outcome: JobOutcome;

  constructor(outcome: JobOutcome) {
    super("waiting");
    this.outcome = outcome;
  }
}

export interface JobRunnerDependencies {
  sql: Sql;
  job: Job<unknown, unknown>;
  timeoutMs: number;
  now: () => Date;
  /** What the transaction ended with; undefined when it was taken. */
  onWrite(failure: unknown): void;
}

/** Attempts at once, in the process, before a deadlock counts as a failure. */
const mostConcurrencyFailures = 3;

/** Runs a job on an event: the inbox row, the effect and the audit row commit together or not at all. */
export function createJobRunner({ sql, job, timeoutMs, now, onWrite }: JobRunnerDependencies) {
  async function inTransaction(transaction: TransactionSql, received: ReceivedEvent) {
    const { event, eventKey, correlationId } = received;
    const { eventName, aggregateId } = event;
    const claim = await claimVersion(transaction, {
      job: job.name,
      eventKey,
      eventName,
      aggregateId,
      version: job.keepsAll ? undefined : event.aggregateVersion,
      toldAt: new Date(event.timestamp),
    });
    if (claim.kind === "duplicate" || claim.kind === "conflict") return claim;
    if (claim.kind === "wait") throw new Waiting(claim);
    const context = { eventKey, now: now(), supersedes: claim.supersedes };
    const outcome = await job.handle(event, job.createStore(transaction), context);
    if (outcome.kind === "wait") throw new Waiting(outcome);
    if (outcome.kind === "ignored") await markIgnored(transaction, job.name, eventKey);
    await appendAudit(transaction, {
      occurredAt: context.now,
      job: job.name,
      action: outcome.kind === "ignored" ? outcome.action ?? outcome.kind : outcome.kind,
      eventKey,
      eventName,
      aggregateId,
      correlationId,
      detail: {
        ...(outcome.kind === "ignored" ? { reason: outcome.reason } : { detail: outcome.detail ?? null }),
        ...(claim.supersedes ? { supersedes: true } : {}),
      },
    });
    return outcome;
  }

  async function attempt(received: ReceivedEvent): Promise<JobResult | Conflict> {
    const time = new AbortController();
    const timer = setTimeout(
      () => time.abort(new JobTimeoutError(`${job.name} did not finish within ${timeoutMs} ms`)),
      timeoutMs,
    );
    const timeIsUp = new Promise<never>((_, reject) => {
      time.signal.addEventListener("abort", () => reject(time.signal.reason));
    });
    let begun = false;
    const finished = sql.begin((transaction) => {
      begun = true;
      return Promise.race([
        inTransaction(guardedTransaction(transaction, time.signal), received),
        timeIsUp,
      ]);
    });
    // A connection that died without a word answers neither BEGIN nor ROLLBACK. Should a COMMIT get through after all,
    // the next attempt finds the inbox row.
    finished.catch(() => {});
    try {
      return await Promise.race([finished, timeIsUp]) as JobResult | Conflict;
    } catch (error) {
      if (error instanceof Waiting) return error.outcome;
      if (error instanceof JobTimeoutError && !begun) {
        throw new SilentDatabaseError(`PostgreSQL began no transaction within ${timeoutMs} ms`, { cause: error });
      }
      if (isUnstorableText(error)) {
        throw new PermanentError("unstorable-text", "A text has a character that can't be stored", { cause: error });
      }
      if (isUnstorableValue(error)) {
        throw new PermanentError("unstorable-value", "A value is outside of what can be stored", { cause: error });
      }
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  return async function runJob(received: ReceivedEvent): Promise<JobResult> {
    for (let failures = 1;; failures++) {
      try {
        const result = await attempt(received);
        if (result.kind !== "wait") onWrite(undefined);
        if (result.kind !== "conflict") return result;
        throw new PermanentError("version-conflict", result.reason);
      } catch (error) {
        onWrite(error);
        if (!isConcurrencyFailure(error) || failures === mostConcurrencyFailures) throw error;
        await sleep(Math.random() * 20 * failures);
      }
    }
  };
}
