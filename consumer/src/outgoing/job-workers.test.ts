import type { Sql } from "postgres";
import { expect, test } from "vitest";
import type { JobName } from "../generated/jobs.ts";
import { modules } from "../jobs/modules.ts";
import type { JobModule, WorkerDependencies } from "../jobs/module.ts";
import { createJobWorkers } from "./job-workers.ts";

const names = modules.map(({ name }) => name);

/** The jobs whose workers are woken by a commit of one of them. */
function wokenBy(job: JobName, result: Parameters<ReturnType<typeof createJobWorkers>["committed"]>[1]): JobName[] {
  const woken: JobName[] = [];
  const worker = (name: JobName) => ({
    name,
    dueIn: (sql: Sql) => sql`select 0`,
    wake: () => void woken.push(name),
    run: () => Promise.resolve(),
  });
  const watched = modules.map((module): JobModule => ({ ...module, workers: () => [worker(module.name)] }));
  createJobWorkers(watched, {} as WorkerDependencies).committed(job, result);
  return woken;
}

test.each(names)("a commit of %s wakes its own workers, if it has left them an intent", (job) => {
  expect(wokenBy(job, { kind: "applied", intents: 2 })).toEqual([job]);
});

test.each(names)("a commit of %s that leaves nothing to be done wakes nobody", (job) => {
  expect(wokenBy(job, { kind: "applied" })).toEqual([]);
  expect(wokenBy(job, { kind: "applied", intents: 0 })).toEqual([]);
  expect(wokenBy(job, { kind: "ignored", reason: "known already" })).toEqual([]);
  expect(wokenBy(job, { kind: "duplicate" })).toEqual([]);
});
