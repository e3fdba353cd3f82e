import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import type { ReceivedEvent } from "./message.ts";
import { PermanentError } from "./permanent-error.ts";
import {
  isConcurrencyFailure,
  isUnstorableText,
  isUnstorableValue,
  SilentDatabaseError,
} from "../postgres/failure-kind.ts";
import { guardedTransaction } from "../postgres/guarded-transaction.ts";
import type { Job } from "../jobs/job.ts";
import {
  createJobTransaction,
  type JobResult,
  NothingToCommit,
  RunThemAlone,
  type Settled,
} from "./job-transaction.ts";

/** The job took longer than it may; its transaction is rolled back and its slot is free again. */
export class JobTimeoutError extends Error {
  override name = "JobTimeoutError";
}

export interface JobRunnerDependencies {
  sql: Sql;
  job: Job;
  timeoutMs: number;
  now: () => Date;
  /** What the transaction ended with; undefined when it was taken. */
  onWrite(failure: unknown): void;
}

/** Runs a job on events, in one transaction; throws what it failed with, or which of them have to run alone. */
export type RunTogether = (received: readonly ReceivedEvent[]) => Promise<Settled[]>;

/** Attempts at once, in the process, before a deadlock counts as a failure. */
const mostConcurrencyFailures = 3;

export function createTogetherRunner({ sql, job, timeoutMs, now, onWrite }: JobRunnerDependencies): RunTogether {
  const inTransaction = createJobTransaction(job, now);

  async function attempt(received: readonly ReceivedEvent[]): Promise<Settled[]> {
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
      return await Promise.race([finished, timeIsUp]) as Settled[];
    } catch (error) {
      if (error instanceof NothingToCommit) return error.settled;
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

  /** What changes more than its own aggregate would be unknown to the decisions after it. */
  function requireSeparate(received: readonly ReceivedEvent[]): void {
    if (received.length === 1 || !job.isFarReaching) return;
    const places = [...received.keys()].filter((place) => job.isFarReaching?.(received[place]!.event));
    if (places.length > 0) throw new RunThemAlone(places);
  }

  return async function runTogether(received) {
    requireSeparate(received);
    for (let failures = 1;; failures++) {
      try {
        const settled = await attempt(received);
        if (settled.some(({ kind }) => kind !== "wait" && kind !== "failed")) onWrite(undefined);
        return settled;
      } catch (error) {
        if (error instanceof RunThemAlone) throw error;
        onWrite(error);
        if (!isConcurrencyFailure(error) || failures === mostConcurrencyFailures) throw error;
        await sleep(Math.random() * 20 * failures);
      }
    }
  };
}

/** Runs a job on one event; throws what it failed with. */
export function createJobRunner(dependencies: JobRunnerDependencies) {
  const runTogether = createTogetherRunner(dependencies);

  return async function runJob(received: ReceivedEvent): Promise<JobResult> {
    const [settled] = await runTogether([received]) as [Settled];
    if (settled.kind === "failed") throw settled.error;
    return settled;
  };
}
