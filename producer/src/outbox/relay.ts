import type { Tracer } from "@opentelemetry/api";
import type { Publisher } from "../amqp/publisher.ts";
import type { Outcome } from "../domain/ports.ts";
import { toMessage } from "./to-message.ts";
import type { FailedPublication, OutboxRow, RelayStore } from "./outbox-store.ts";
import type { Probe } from "./probe.ts";
import type { Recorder } from "./recorder.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { tracePublication } from "./publish-span.ts";

export type RelayMetrics = Pick<Metrics, "published" | "nacked" | "returned" | "timedOut" | "confirmSeconds">;

type Batch = "confirmed" | "refused" | "disconnected";

export type Relay = {
  /** Publishes what may go out now; returns when nothing is left to do, there is no broker, or it shall stop. */
  drain(store: RelayStore, shallStop: () => boolean): Promise<void>;
};

/**
 * Nothing is lost: an event leaves the outbox only after a confirm that no return preceded. An event whose outcome is
 * unknown stays as it is and goes out again on the next connection; one that was refused waits for the probe.
 */
export function createRelay(deps: {
  publisher: () => Publisher | undefined;
  renewConnection: (reason: string) => void;
  batchSize: number;
  probe: Probe;
  recorder: Recorder;
  nowMs: () => number;
  metrics: RelayMetrics;
  tracer: Tracer;
  log: Log;
}): Relay {
  const { metrics, tracer, log } = deps;

  function count(outcome: Outcome): void {
    if (outcome.kind === "confirmed") {
      metrics.published.inc();
      metrics.confirmSeconds.observe(outcome.seconds);
    }
    if (outcome.kind === "nacked") metrics.nacked.inc();
    if (outcome.kind === "returned") metrics.returned.inc();
    if (outcome.kind === "timeout") metrics.timedOut.inc();
  }

  async function publish(rows: readonly OutboxRow[], publisher: Publisher, store: RelayStore): Promise<Batch> {
    const outcomes = await Promise.all(
      rows.map((row) => tracePublication(tracer, row, () => publisher.publish(toMessage(row)))),
    );
    const confirmed: string[] = [];
    const failures: FailedPublication[] = [];
    rows.forEach((row, index) => {
      const outcome = outcomes[index] as Outcome;
      const { eventId, eventName, correlationId } = row;
      count(outcome);
      if (outcome.kind === "confirmed") {
        confirmed.push(row.id);
        log.info({ eventId, eventName, correlationId }, "event published");
        return;
      }
      if (outcome.kind !== "unknown") failures.push({ id: row.id, error: `${outcome.kind}: ${outcome.reason}` });
      const { kind, reason } = outcome;
      log.warn({ eventId, eventName, correlationId, outcome: kind, reason }, "event not published");
    });
    if (outcomes.some(({ kind }) => kind === "timeout")) deps.renewConnection("a confirm did not come in time");
    deps.recorder.note({ confirmed, failures });
    await deps.recorder.record(store, deps.nowMs());
    if (failures.length > 0) return "refused";
    return confirmed.length === rows.length ? "confirmed" : "disconnected";
  }

  async function publishFresh(store: RelayStore): Promise<boolean> {
    const publisher = deps.publisher();
    const size = Math.min(deps.batchSize, deps.recorder.allowance(deps.nowMs()));
    const rows = publisher && size > 0 ? await store.selectFresh(size) : [];
    if (!publisher || rows.length === 0) return false;
    const batch = await publish(rows, publisher, store);
    if (batch === "refused") deps.probe.noticeRefusal(deps.nowMs());
    return batch !== "disconnected";
  }

  async function publishFailed(store: RelayStore): Promise<boolean> {
    const publisher = deps.publisher();
    const size = Math.min(deps.probe.size(deps.nowMs()), deps.recorder.allowance(deps.nowMs()));
    const rows = publisher && size > 0 ? await store.selectFailed(size) : [];
    if (!publisher || rows.length === 0) return false;
    const batch = await publish(rows, publisher, store);
    if (batch === "refused") deps.probe.failed(deps.nowMs());
    if (batch === "confirmed") deps.probe.succeeded();
    return batch !== "disconnected";
  }

  return {
    async drain(store, shallStop) {
      // A batch of first publications between any two probes: a full queue never holds up new events.
      await deps.recorder.record(store, deps.nowMs());
      let busy = true;
      while (busy && !shallStop()) {
        const fresh = await publishFresh(store);
        const failed = await publishFailed(store);
        busy = fresh || failed;
      }
    },
  };
}
