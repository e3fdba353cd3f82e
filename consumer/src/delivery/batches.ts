import type { BatchTrace } from "../telemetry/batch-span.ts";
import type { Logger } from "../telemetry/logger.ts";
import { whilePostgresIsAway } from "../postgres/wait-for-postgres.ts";
import type { JobResult, Settled } from "./job-transaction.ts";
import type { WhileAway } from "./run-batch.ts";
import type { RunReceived } from "./run-received.ts";
import type { Semaphore } from "./semaphore.ts";
import type { Readable } from "./wrappers/readable.ts";

export interface BatchesDependencies {
  runReceived: RunReceived;
  trace: BatchTrace;
  /** Batches of the job that run at the same time. */
  concurrency: number;
  slots: Semaphore;
  everyone: Semaphore;
  log: Logger;
}

interface Waiting {
  delivery: Readable;
  settle(settled: Settled): void;
  fail(error: unknown): void;
}

/**
 * Runs what has been delivered as one batch, as soon as there is a slot: nothing waits for a batch to fill. Events of one
 * aggregate are never in two batches at the same time, so they are handled in the order of their delivery.
 */
export function createBatches({ runReceived, trace, concurrency, slots, everyone, log }: BatchesDependencies) {
  const keysLog = log.child({ database: "patients' keys" });
  let waiting: Waiting[] = [];
  const atWork = new Set<string>();
  let turns = 0;
  let isAsked = false;

  const aggregateOf = ({ delivery }: Waiting) => delivery.received.event.aggregateId;
  const isReady = (one: Waiting) => !atWork.has(aggregateOf(one));

  /** All that is ready, of one channel. */
  function take(): Waiting[] {
    const gone = waiting.find(isReady)?.delivery.gone;
    const taken = waiting.filter((one) => isReady(one) && one.delivery.gone === gone);
    waiting = taken.length === waiting.length ? [] : waiting.filter((one) => !taken.includes(one));
    return taken;
  }

  async function run(batch: readonly Waiting[]): Promise<void> {
    const [first] = batch;
    const { gone } = first!.delivery;
    const aggregates = new Set(batch.map(aggregateOf));
    for (const aggregate of aggregates) atWork.add(aggregate);
    try {
      gone.throwIfAborted();
      const received = batch.map(({ delivery }) => delivery.received);
      const whileAway: WhileAway = (task) => whilePostgresIsAway(task, log, gone);
      // No other job waits for these keys, nor does who is to run alone.
      const askingForKeys: WhileAway = (task) => everyone.leave(1, () => whilePostgresIsAway(task, keysLog, gone));
      const settled = await trace(received, () => runReceived(received, whileAway, askingForKeys));
      batch.forEach((one, place) => one.settle(settled[place]!));
    } catch (error) {
      for (const one of batch) one.fail(error);
    } finally {
      for (const aggregate of aggregates) atWork.delete(aggregate);
    }
  }

  async function turn(): Promise<void> {
    await slots.run(1, () =>
      everyone.run(1, async () => {
        const batch = take();
        if (batch.length > 0) await run(batch);
      }));
  }

  function ask(): void {
    isAsked = false;
    while (turns < concurrency && turns < waiting.length && waiting.some(isReady)) {
      turns++;
      void turn().finally(() => {
        turns--;
        ask();
      });
    }
  }

  /** Resolves with what came of the event when that is committed. */
  return async function inBatch(delivery: Readable): Promise<JobResult> {
    delivery.gone.throwIfAborted();
    const settled = await new Promise<Settled>((settle, fail) => {
      waiting.push({ delivery, settle, fail });
      if (isAsked) return;
      isAsked = true;
      // What comes in one read of the socket is handed over in one go: it is one batch.
      queueMicrotask(ask);
    });
    if (settled.kind === "failed") throw settled.error;
    return settled;
  };
}
