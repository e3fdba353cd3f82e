import type { ConsumeMessage } from "amqplib";
import { Gauge, type Registry } from "prom-client";

/**
 * How old the oldest event is that each job holds unacknowledged. A quorum queue hands out what is oldest first, so this
 * is the age of the queue's head as well, and an event that comes back from a retry queue brings its age along.
 */
export function createEventAges(registry: Registry, now: () => number = Date.now) {
  const held = new Map<string, Set<{ since: number }>>();
  new Gauge({
    name: "event_oldest_age_seconds",
    help: "How long ago the oldest event that a job holds was published, its retries included; 0 where it holds none",
    labelNames: ["consumer_job"],
    registers: [registry],
    collect() {
      const at = now();
      for (const [job, events] of held) {
        const oldest = Math.min(at, ...[...events].map(({ since }) => since));
        this.set({ consumer_job: job }, (at - oldest) / 1000);
      }
    },
  });

  /** Wraps what handles the job's messages; each counts as held until that has ended. */
  return function watchAges<Rest extends unknown[], Result>(
    job: string,
    handle: (message: ConsumeMessage, ...rest: Rest) => Promise<Result>,
  ): (message: ConsumeMessage, ...rest: Rest) => Promise<Result> {
    const events = new Set<{ since: number }>();
    held.set(job, events);
    return async (message, ...rest) => {
      // In seconds, and from whoever published: a foreign client may have left it out.
      const published = Number(message.properties.timestamp) * 1000;
      const event = { since: published > 0 ? published : now() };
      events.add(event);
      try {
        return await handle(message, ...rest);
      } finally {
        events.delete(event);
      }
    };
  };
}
