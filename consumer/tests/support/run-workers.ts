import type { Sql } from "postgres";
import { dueWork } from "../../src/outgoing/due-work.ts";
import type { Worker } from "../../src/outgoing/worker.ts";
import { createAgenda } from "../../src/postgres/agenda.ts";
import { createLogger } from "../../src/telemetry/logger.ts";

/** Runs workers as the service does, with an agenda that looks more often. */
export async function runWorkers(
  sql: Sql,
  workers: readonly Worker[],
  stop: AbortSignal,
  everyMs = 20,
): Promise<void> {
  const agenda = createAgenda({ sql, log: createLogger("silent"), items: workers.map(dueWork), everyMs });
  await Promise.all([agenda.run(stop), ...workers.map((worker) => worker.run(stop))]);
}
