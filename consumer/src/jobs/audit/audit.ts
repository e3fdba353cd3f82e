import type { AuditEvent } from "../../generated/jobs.ts";
import { isIdentifier } from "../../telemetry/error-text.ts";
import { appendAudit, type AuditEntry } from "./audit-log.ts";
import type { Job } from "../job.ts";

export interface AuditStore {
  append(entry: AuditEntry): Promise<void>;
}

/** Records every event as it was told, whatever its order; what the jobs made of it are rows of their own. */
export function createAuditJob(): Job<AuditEvent, AuditStore> {
  return {
    name: "audit",
    keepsAll: true,
    createStore: (transaction) => ({ append: (entry) => appendAudit(transaction, entry) }),
    async handle(event, store, { eventKey }) {
      await store.append({
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
      });
      return { kind: "applied" };
    },
  };
}
