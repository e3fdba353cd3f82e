import * as v from "valibot";
import { type DomainEvent, type EventName, eventSchemas, oldestVersions } from "../generated/events.ts";
import type { EventDraft } from "./decision.ts";

export type Envelope = {
  readonly eventId: string;
  readonly aggregateId: string;
  readonly aggregateVersion: number;
  readonly occurredAt: Date;
  readonly correlationId: string;
  readonly actor: string;
};

/** An event with every field of the envelope, those included that other publishers may leave out. */
export type SealedEvent = DomainEvent & Omit<Envelope, "occurredAt">;

/** Thrown when our own event breaks the contract: a defect of this program, never of a request. */
export class ContractViolation extends Error {
  constructor(eventName: string, problems: readonly string[]) {
    super(`Refusing to emit ${eventName}, which breaks asyncapi.yaml: ${problems.join("; ")}`);
    this.name = "ContractViolation";
  }
}

/** Puts the envelope around what happened and holds the whole against the contract. */
export function sealEvent(draft: EventDraft, envelope: Envelope): SealedEvent {
  const { occurredAt, ...rest } = envelope;
  return requireContract(draft.eventName, {
    eventName: draft.eventName,
    timestamp: occurredAt.toISOString(),
    version: draft.version ?? oldestVersions[draft.eventName],
    ...rest,
    payload: draft.payload,
  });
}

/** Holds a whole event against the contract. */
export function requireContract(eventName: EventName, event: unknown): SealedEvent {
  const result = v.safeParse(eventSchemas[eventName], event);
  if (result.success) return result.output as SealedEvent;
  throw new ContractViolation(
    eventName,
    // The path and the rule only: the value may be a patient's.
    result.issues.map((issue) => `${v.getDotPath(issue) ?? "event"} (${issue.type})`),
  );
}
