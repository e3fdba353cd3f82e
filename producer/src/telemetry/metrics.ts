import { Counter, Gauge, Histogram, Registry } from "prom-client";
import { withTimeout } from "../with-timeout.ts";

export type OutboxState = { pending: number; failed: number; oldestAgeSeconds: number };

export type Metrics = ReturnType<typeof createMetrics>;

const outboxTimeoutMs = 5_000;

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
  const collectionFailed = new Gauge({
    name: "metrics_collection_failed",
    help: "1 when PostgreSQL did not answer for the outbox, whose gauges are then left out",
    labelNames: ["source"],
    registers,
  });

  return {
    dependencyUp: new Gauge({
      name: "dependency_up",
      help:
        "What /readyz says of the database, the broker, the topology and patients' keys: 0 where one is not as it should be",
      labelNames: ["dependency"],
      registers,
    }),
    published: new Counter({ name: "events_published_total", help: "Events confirmed by the broker", registers }),
    nacked: new Counter({ name: "events_nacked_total", help: "Publications that the broker refused", registers }),
    returned: new Counter({ name: "events_returned_total", help: "Publications that no queue took", registers }),
    timedOut: new Counter({ name: "events_confirm_timeouts_total", help: "Publications without an answer", registers }),
    topologyRestored: new Counter({
      name: "topology_restored_total",
      help: "Exchanges that were missing at the broker and have been declared again",
      labelNames: ["what"],
      registers,
    }),
    leader: new Gauge({ name: "relay_leader", help: "1 where this process publishes the outbox", registers }),
    fenced: new Counter({
      name: "relay_fenced_total",
      help: "Writes of a relay that were refused because another one led by then",
      registers,
    }),
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
    /** The Prometheus text exposition of now; what the database does not tell is left out, not stale. */
    async expose(): Promise<string> {
      try {
        const state = await withTimeout(deps.outboxState(), outboxTimeoutMs, "Counting the outbox");
        pending.set(state.pending);
        failed.set(state.failed);
        oldest.set(state.oldestAgeSeconds);
        collectionFailed.set({ source: "postgresql" }, 0);
      } catch {
        for (const gauge of [pending, failed, oldest]) gauge.remove();
        collectionFailed.set({ source: "postgresql" }, 1);
      }
      return await registry.metrics();
    },
  };
}
