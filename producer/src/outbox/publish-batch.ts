import type { Attributes, Tracer } from "@opentelemetry/api";
import type { Publisher } from "../amqp/publisher.ts";
import type { Outcome } from "../domain/ports.ts";
import { toMessage } from "./to-message.ts";
import type { FailedPublication, OutboxRow } from "./outbox-store.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { tracePublication } from "./publish-span.ts";

export type RelayMetrics = Pick<Metrics, "published" | "nacked" | "returned" | "timedOut" | "confirmSeconds">;

export type PublishedBatch = {
  readonly confirmed: readonly string[];
  readonly failures: readonly FailedPublication[];
  readonly timedOut: boolean;
  /** `disconnected`: of some nobody knows what became of them. */
  readonly result: "confirmed" | "refused" | "disconnected";
};

/** Publishes rows and says what became of each, once all are answered or out of time. */
export async function publishBatch(
  rows: readonly OutboxRow[],
  publisher: Publisher,
  { metrics, tracer, server, log }: {
    metrics: RelayMetrics;
    tracer: Tracer;
    server?: Attributes | undefined;
    log: Log;
  },
): Promise<PublishedBatch> {
  const outcomes = await Promise.all(
    rows.map((row) => tracePublication({ tracer, server }, row, () => publisher.publish(toMessage(row)))),
  );
  const confirmed: string[] = [];
  const failures: FailedPublication[] = [];
  rows.forEach(({ id, eventId, eventName, correlationId }, index) => {
    const outcome = outcomes[index] as Outcome;
    count(outcome, metrics);
    if (outcome.kind === "confirmed") {
      confirmed.push(id);
      log.info({ eventId, eventName, correlationId }, "event published");
      return;
    }
    const { kind, reason } = outcome;
    if (kind !== "unknown") failures.push({ id, error: `${kind}: ${reason}` });
    log.warn({ eventId, eventName, correlationId, outcome: kind, reason }, "event not published");
  });
  metrics.published.inc(confirmed.length);
  const allConfirmed = confirmed.length === rows.length;
  return {
    confirmed,
    failures,
    timedOut: outcomes.some(({ kind }) => kind === "timeout"),
    result: failures.length > 0 ? "refused" : allConfirmed ? "confirmed" : "disconnected",
  };
}

function count(outcome: Outcome, metrics: RelayMetrics): void {
  if (outcome.kind === "confirmed") metrics.confirmSeconds.observe(outcome.seconds);
  if (outcome.kind === "nacked") metrics.nacked.inc();
  if (outcome.kind === "returned") metrics.returned.inc();
  if (outcome.kind === "timeout") metrics.timedOut.inc();
}
