import type { QueueDepth } from "../broker/queue-depths.ts";
import type { SealState } from "../jobs/audit/seal-watch.ts";
import type { Metrics } from "../telemetry/metrics.ts";

export interface DeadLetterCount {
  job: string;
  reason: string;
  count: number;
}

/** Intents of a sender in one state; those that are finished, and those that a person has settled, are not counted. */
export interface IntentCount {
  sender: string;
  state: string;
  count: number;
  /** Of the oldest. */
  ageSeconds: number;
}

export interface GaugeSources {
  queueDepths(signal: AbortSignal): Promise<QueueDepth[]>;
  intents(): Promise<IntentCount[]>;
  deadLetters(): Promise<DeadLetterCount[]>;
  /** Where the job audit runs. */
  seals?: (() => Promise<SealState>) | undefined;
  /** Of the last comparison with the archive by the clock, if there was one. */
  lastNight?(): Promise<{ differences: number; failures: number } | undefined>;
}

const timeoutMs = 5_000;

async function within<Result>(signal: AbortSignal, answer: Promise<Result>): Promise<Result> {
  const late = new Promise<never>((_, reject) => {
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
  return await Promise.race([answer, late]);
}

/** Fills the gauges from the broker and the database; what does not answer leaves its gauges empty, not stale. */
export function createGaugeCollector(metrics: Metrics, sources: GaugeSources) {
  async function collect(source: string, fill: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const signal = AbortSignal.timeout(timeoutMs);
    try {
      await within(signal, fill(signal));
      metrics.collectionFailed.set({ source }, 0);
    } catch {
      metrics.collectionFailed.set({ source }, 1);
    }
  }

  return async function collectGauges(): Promise<void> {
    metrics.queueMessages.reset();
    metrics.intents.reset();
    metrics.intentAge.reset();
    metrics.deadLetters.reset();
    await Promise.all([
      collect("rabbitmq", async (signal) => {
        for (const { job, messages, ...labels } of await sources.queueDepths(signal)) {
          metrics.queueMessages.set({ consumer_job: job, ...labels }, messages);
        }
      }),
      collect("postgresql", async () => {
        for (const { count, ageSeconds, ...labels } of await sources.intents()) {
          metrics.intents.set(labels, count);
          if (labels.state === "pending") metrics.intentAge.set({ sender: labels.sender }, ageSeconds);
        }
        for (const { job, reason, count } of await sources.deadLetters()) {
          metrics.deadLetters.set({ consumer_job: job, reason }, count);
        }
        const night = await sources.lastNight?.();
        metrics.differences.set(night?.differences ?? 0);
        metrics.unasked.set(night?.failures ?? 0);
      }),
      sources.seals && collect("audit", async () => {
        const { unsignedRows, waitingSeconds } = await sources.seals!();
        metrics.auditUnsigned.set(unsignedRows);
        metrics.auditWaiting.set(waitingSeconds);
      }),
    ]);
  };
}
