import type { Processed, ProcessTrace } from "../../telemetry/process-span.ts";
import type { Handle } from "./delivery.ts";

/** Records what became of it, below the span that its headers name. */
export function traced(trace: ProcessTrace) {
  return (next: Handle<Processed>): Handle<void> => (delivery) =>
    trace(delivery.message, delivery.identity.correlationId, (traceparent) => {
      delivery.traceparent = traceparent;
      return next(delivery);
    });
}
