import type { ConsumeMessage } from "amqplib";
import { Gauge, type Registry } from "prom-client";

type Take = (message: ConsumeMessage, gone: AbortSignal) => Promise<void>;

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

  /** Counts each message of the job as held until it is done with. */
  return function aged(job: string) {
    const events = new Set<{ since: number }>();
    held.set(job, events);
    return (next: Take): Take => async (message, gone) => {
      // In seconds, and from whoever published: a foreign client may have left it out.
      const published = Number(message.properties.timestamp) * 1000;
      const event = { since: published > 0 ? published : now() };
      events.add(event);
      try {
        await next(message, gone);
      } finally {
        events.delete(event);
      }
    };
  };
}

export type EventAges = ReturnType<typeof createEventAges>;
