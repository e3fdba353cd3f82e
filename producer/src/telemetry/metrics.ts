import { Counter, Gauge, Histogram, Registry } from "prom-client";

export type OutboxState = { pending: number; failed: number; oldestAgeSeconds: number };

export type Metrics = ReturnType<typeof createMetrics>;

/** One registry per process; the outbox is counted when somebody asks. */
export function createMetrics(deps: { outboxState: () => Promise<OutboxState> }) {
  const registry = new Registry();
  const registers = [registry];

  const pending = new Gauge({ name: "outbox_pending", help: "Events that are not confirmed yet", registers });
  const failed = new Gauge({ name: "outbox_failed", help: "Pending events whose last publication failed", registers });
  const oldest = new Gauge({
    name: "outbox_oldest_age_seconds",
    help: "Age of the oldest event that is not confirmed yet",
    registers,
  });

  return {
    published: new Counter({ name: "events_published_total", help: "Events confirmed by the broker", registers }),
    nacked: new Counter({ name: "events_nacked_total", help: "Publications that the broker refused", registers }),
    returned: new Counter({ name: "events_returned_total", help: "Publications that no queue took", registers }),
    timedOut: new Counter({ name: "events_confirm_timeouts_total", help: "Publications without an answer", registers }),
    leader: new Gauge({ name: "relay_leader", help: "1 where this process publishes the outbox", registers }),
    confirmSeconds: new Histogram({
      name: "event_confirm_seconds",
      help: "From publication to confirm",
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    requestSeconds: new Histogram({
      name: "http_request_seconds",
      help: "Time to answer a request",
      labelNames: ["method", "route", "status"],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
      registers,
    }),
    registry,
    contentType: registry.contentType,
    /** The Prometheus text exposition of now. */
    async expose(): Promise<string> {
      const state = await deps.outboxState();
      pending.set(state.pending);
      failed.set(state.failed);
      oldest.set(state.oldestAgeSeconds);
      return await registry.metrics();
    },
  };
}
