import type { JobName } from "../generated/jobs.ts";
import type { JobPauses } from "../postgres/job-pauses.ts";
import type { QueueConsumer } from "./queue-consumer.ts";

/** A consumer that an operator's command can hold still for a while, in every process. */
export function createPausableConsumer(pauses: JobPauses, job: JobName, consumer: QueueConsumer): QueueConsumer {
  let paused = false;

  async function consumeUntilPaused(stop: AbortSignal): Promise<void> {
    const halt = new AbortController();
    const over = AbortSignal.any([stop, halt.signal]);
    const end = () => halt.abort();
    const consuming = consumer.run(over);
    consuming.then(end, end);
    await pauses.until(job, true, over);
    end();
    await consuming;
  }

  return {
    isConsuming: () => paused || consumer.isConsuming(),
    async run(stop) {
      while (!stop.aborted) {
        await pauses.until(job, false, stop);
        paused = false;
        if (!stop.aborted) await consumeUntilPaused(stop);
        paused = !stop.aborted;
      }
    },
  };
}
