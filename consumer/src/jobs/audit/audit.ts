import type { AuditEvent } from "../../generated/jobs.ts";
import { isIdentifier } from "../../telemetry/error-text.ts";
import type { Job } from "../job.ts";

/** Records every event as it was told, whatever its order; what the jobs made of it are rows of their own. */
export function createAuditJob(): Job<AuditEvent, undefined, never> {
  return {
    name: "audit",
    keepsAll: true,
    // The trail is what every decision adds to: nothing else is kept.
    createStore: () => ({
      load: () => Promise.resolve(),
      known: () => undefined,
      keep: () => {},
      save: () => Promise.resolve(),
    }),
    decide(event, _, { eventKey }) {
      const recorded = {
        occurredAt: new Date(event.timestamp),
        job: "audit",
        action: "recorded",
        eventKey,
        eventName: event.eventName,
        aggregateId: event.aggregateId,
        correlationId: event.correlationId,
        // Kept for ever, so no address or phone number may get in by it.
        actor: isIdentifier(event.actor) ? event.actor : undefined,
        detail: {
          ...("payload" in event ? event.payload : {}),
          ...(event.aggregateVersion === undefined ? {} : { aggregateVersion: event.aggregateVersion }),
        },
      };
      return { outcome: { kind: "applied" }, audit: [recorded] };
    },
  };
}
