import type { DomainEvent } from "../generated/events.ts";

type Draft<Event> = Event extends { eventName: infer Name; version: infer Version; payload: infer Payload }
  ? { readonly eventName: Name; readonly version?: Version; readonly payload: Payload }
  : never;

/** What happened, before the envelope is put around it. Without a version it is said in the oldest. */
export type EventDraft = Draft<DomainEvent>;

/** What a command leads to: exactly one event, and the state that follows from it. */
export type Decision<State> = { readonly event: EventDraft; readonly next: State };

/** A change of what is never published. */
export type Amendment<State> = { readonly event?: undefined; readonly next: State };
