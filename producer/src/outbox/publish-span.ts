import { type Attributes, SpanKind, SpanStatusCode, type Tracer } from "@opentelemetry/api";
import type { Outcome } from "../domain/ports.ts";
import { routingKeys } from "../generated/events.ts";
import { exchange } from "../generated/topology.ts";
import type { OutboxRow } from "./outbox-store.ts";
import { traceContextOf } from "../telemetry/trace-context.ts";

/**
 * Records a publication below the request that wrote the event. The event's own headers stay those of that request, so
 * that every publication of it has the same bytes.
 */
export async function tracePublication(
  { tracer, server }: { tracer: Tracer; server?: Attributes | undefined },
  row: OutboxRow,
  publish: () => Promise<Outcome>,
): Promise<Outcome> {
  const routingKey = routingKeys[row.eventName];
  const span = tracer.startSpan(
    `publish ${exchange.name}`,
    {
      kind: SpanKind.PRODUCER,
      attributes: {
        ...server,
        "messaging.system": "rabbitmq",
        "messaging.operation.name": "publish",
        "messaging.operation.type": "send",
        "messaging.destination.name": `${exchange.name}:${routingKey}`,
        "messaging.rabbitmq.destination.routing_key": routingKey,
        "messaging.message.id": row.eventId,
        "messaging.message.conversation_id": row.correlationId,
      },
    },
    traceContextOf(row.headers),
  );
  const outcome = await publish();
  if (outcome.kind !== "confirmed") {
    span.setStatus({ code: SpanStatusCode.ERROR }).setAttribute("error.type", outcome.kind);
  }
  span.end();
  return outcome;
}
