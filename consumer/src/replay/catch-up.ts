import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import type { BrokerConnection } from "../broker/connection.ts";
import { queuesOf } from "../broker/job-queues.ts";
import type { Publisher } from "../broker/publisher.ts";
import { onChannel, type Topology } from "../broker/topology.ts";
import type { JobName } from "../generated/jobs.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { ArchivedEvent } from "./archive-client.ts";
import { beginComparing, noteCompared, takeTurns } from "./archive-comparisons.ts";
import { findMissing } from "./find-missing.ts";
import { eventsFor } from "./publish-archive.ts";
import type { OpsOptions } from "./request-producer.ts";
import { replayArchive } from "./replay-archive.ts";

export interface CatchUpDependencies {
  sql: Sql;
  jobs: readonly JobName[];
  topology: Topology;
  archive: OpsOptions;
  connection: BrokerConnection;
  publisher: Publisher;
  everyMs: number;
  /** Told how many events a job had missed. */
  caughtUp(job: JobName, events: number): void;
  now: () => Date;
  log: Logger;
}

/** How long an event may be on its way from the broker's confirm to the inbox before it is looked for. */
export const settleMs = 15_000;
/** How far the clocks may be apart, and how late an event may be archived after an earlier one. */
export const overlapMs = 60_000;
/** Missing events that are published at once; the rest has its turn later. */
const maxAtOnce = 5_000;

/**
 * Compares what the producer has published with what each job has had, and publishes to the job's queue what it has
 * missed: with a binding, an exchange or a queue that was deleted, the broker drops what it has confirmed.
 */
export function createCatchUp(dependencies: CatchUpDependencies) {
  const { sql, jobs, topology, archive, connection, publisher, everyMs, caughtUp, now, log } = dependencies;

  /** What is on its way to the job: it isn't missing, however long it waits. */
  async function waiting(job: JobName, stop: AbortSignal): Promise<number> {
    const queues = queuesOf(topology[job]).filter(({ kind }) => kind !== "dead-letter");
    return await onChannel(await connection.current(stop), async (channel) => {
      let messages = 0;
      for (const { name } of queues) messages += (await channel.checkQueue(name)).messageCount;
      return messages;
    });
  }

  async function compare(job: JobName, comparedUntil: Date, stop: AbortSignal): Promise<void> {
    const from = new Date(comparedUntil.getTime() - overlapMs);
    const to = new Date(now().getTime() - settleMs);
    if (from >= to) return;
    let seen = 0;
    async function* counted() {
      for await (const event of eventsFor(job, archive, { from, to })) {
        seen += 1;
        yield event;
      }
    }
    const missing: ArchivedEvent[] = [];
    for await (const event of findMissing(sql, job, counted())) {
      if (missing.push(event) === maxAtOnce) break;
    }
    if (missing.length === 0) {
      if (seen > 0) await noteCompared(sql, job, to);
      return;
    }
    const underway = await waiting(job, stop);
    if (missing.length <= underway) return;
    log.error(
      { job, events: missing.length, underway },
      "events were missed and are published to the job's queue again",
    );
    const model = await connection.current(stop);
    async function* all() {
      yield* missing;
    }
    await replayArchive({ model, publisher, queue: topology[job], published: () => {} }, all());
    caughtUp(job, missing.length);
  }

  return {
    async run(stop: AbortSignal): Promise<void> {
      let hasBegun = false;
      while (!stop.aborted) {
        try {
          if (!hasBegun) await beginComparing(sql, jobs, now());
          hasBegun = true;
          for (const { job, comparedUntil } of await takeTurns(sql, jobs, now(), everyMs)) {
            await compare(job as JobName, comparedUntil, stop);
          }
        } catch (error) {
          if (!stop.aborted) log.warn({ error: errorText(error) }, "comparing with the archive failed");
        }
        await sleep(everyMs, undefined, { signal: stop }).catch(() => {});
      }
    },
  };
}
