import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { answerInTime } from "../postgres/answer-in-time.ts";
import { addUpCounts } from "../delivery/dead-letters/dead-letter-counts.ts";
import type { Worker } from "../outgoing/worker.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { secondsAhead } from "./read-clocks.ts";
import type { ProcessState, Status } from "./status.ts";
import { addSample, forgetProcess, isSampleDue, noteProcess, type Sample } from "./status-store.ts";

const everyMs = 15_000;
const answerTimeoutMs = 5_000;

export interface HeartbeatDependencies {
  sql: Sql;
  jobs: readonly string[];
  workers: readonly Worker[];
  metrics: Pick<Metrics, "registry">;
  status(): Promise<Status>;
  now: () => Date;
  log: Logger;
}

interface Measured {
  value: number;
  labels: Partial<Record<string, string | number>>;
}

/** Tells the other processes, and whoever looks, what only this one knows; and once a minute how things stand. */
export function createHeartbeat({ sql, jobs, workers, metrics, status, now, log }: HeartbeatDependencies) {
  const id = randomUUID();
  const startedAt = now();

  async function valuesOf(metric: string): Promise<Measured[]> {
    return (await metrics.registry.getSingleMetric(metric)?.get())?.values ?? [];
  }

  async function stateOfProcess(): Promise<ProcessState> {
    const ages = await valuesOf("event_oldest_age_seconds");
    const refusing = (await valuesOf("dependency_refusing")).filter(({ value }) => value === 1);
    return {
      breakers: Object.fromEntries(
        workers.flatMap((worker) => worker.isBreakerOpen ? [[worker.name, worker.isBreakerOpen()]] : []),
      ),
      refusals: Object.fromEntries(refusing.map(({ labels }) => [labels["dependency"], String(labels["refusal"])])),
      clockAheadSeconds: await secondsAhead(sql, now),
      oldestAgeSeconds: Object.fromEntries(ages.map(({ value, labels }) => [labels["consumer_job"], value])),
    };
  }

  async function beat(): Promise<void> {
    const at = now();
    await noteProcess(sql, { id, startedAt, jobs, state: await stateOfProcess() });
    await addUpCounts(sql);
    const minute = new Date(Math.floor(at.getTime() / 60_000) * 60_000);
    if (await isSampleDue(sql, minute)) await addSample(sql, minute, sampleOf(await status()));
  }

  return {
    async run(stop: AbortSignal): Promise<void> {
      while (!stop.aborted) {
        await answerInTime(answerTimeoutMs, beat()).catch((error) => {
          log.warn({ error: errorText(error) }, "telling how this process is doing failed");
        });
        await sleep(everyMs, undefined, { signal: stop }).catch(() => {});
      }
      await answerInTime(1_000, forgetProcess(sql, id)).catch(() => {});
    },
  };
}

function sampleOf({ queues, intents, deadLetters, outbox }: Status): Sample {
  const byJob = (pick: (queue: Status["queues"][number]) => number) =>
    Object.fromEntries(queues.map((queue) => [queue.job, pick(queue)]));
  const waiting = intents.filter(({ state }) => state === "pending" || state === "sending");
  return {
    ready: byJob(({ ready }) => ready),
    delayed: byJob(({ delayed }) => delayed),
    perMinute: byJob(({ perMinute }) => perMinute),
    pending: waiting.reduce((sum, { count }) => sum + count, 0),
    deadLetters: deadLetters.reduce((sum, { count }) => sum + count, 0),
    outbox: outbox.kind === "known" ? outbox.pending : null,
  };
}
