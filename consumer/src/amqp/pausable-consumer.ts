import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import { isPaused } from "../postgres/job-pauses.ts";
import type { QueueConsumer } from "./queue-consumer.ts";

const pollMs = 1_000;

/** A consumer that an operator's command can hold still for a while, in every process (see whilePaused). */
export function createPausableConsumer(sql: Sql, job: JobName, consumer: QueueConsumer): QueueConsumer {
  let paused = false;

  async function look(): Promise<boolean> {
    paused = await isPaused(sql, job).catch(() => paused);
    return paused;
  }

  async function consumeUntilPaused(stop: AbortSignal): Promise<void> {
    const halt = new AbortController();
    const consuming = consumer.run(AbortSignal.any([stop, halt.signal]));
    while (!stop.aborted && !halt.signal.aborted) {
      await Promise.race([pause(stop), consuming]);
      if (await look()) halt.abort();
    }
    await consuming;
  }

  return {
    isConsuming: () => paused || consumer.isConsuming(),
    async run(stop) {
      while (!stop.aborted) {
        if (await look()) await pause(stop);
        else await consumeUntilPaused(stop);
      }
    },
  };
}

async function pause(stop: AbortSignal): Promise<void> {
  await sleep(pollMs, undefined, { signal: stop }).catch(() => {});
}
