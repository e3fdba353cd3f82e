import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import { answerInTime } from "../postgres/answer-in-time.ts";
import { isPaused } from "../postgres/job-pauses.ts";
import type { QueueConsumer } from "./queue-consumer.ts";

const pollMs = 1_000;
const answerTimeoutMs = 5_000;

/** A consumer that an operator's command can hold still for a while, in every process (see holdJob). */
export function createPausableConsumer(sql: Sql, job: JobName, consumer: QueueConsumer): QueueConsumer {
  let paused = false;

  async function look(): Promise<boolean> {
    paused = await answerInTime(answerTimeoutMs, isPaused(sql, job)).catch(() => paused);
    return paused;
  }

  async function consumeUntilPaused(stop: AbortSignal): Promise<void> {
    const halt = new AbortController();
    const over = AbortSignal.any([stop, halt.signal]);
    const end = () => halt.abort();
    const consuming = consumer.run(over);
    // Once: a race in every round of the loop would leave a reaction on the promise for as long as the consumer runs.
    consuming.then(end, end);
    while (!over.aborted) {
      await pause(over);
      if (!over.aborted && await look()) halt.abort();
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
