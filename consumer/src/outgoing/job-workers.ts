import type { JobResult } from "../delivery/job-transaction.ts";
import type { JobName } from "../generated/jobs.ts";
import type { JobModule, WorkerDependencies } from "../jobs/module.ts";
import type { Worker } from "./worker.ts";

export interface JobWorkers {
  all: readonly Worker[];
  /** Wakes the workers of the job that has left them something, and nobody else's. */
  committed(job: JobName, result: JobResult): void;
}

export function createJobWorkers(modules: readonly JobModule[], dependencies: WorkerDependencies): JobWorkers {
  const byJob = new Map(modules.map(({ name, workers }) => [name, workers?.(dependencies) ?? []]));
  return {
    all: [...byJob.values()].flat(),
    committed(job, result) {
      if (result.kind !== "applied" || !result.intents) return;
      for (const worker of byJob.get(job) ?? []) worker.wake();
    },
  };
}
