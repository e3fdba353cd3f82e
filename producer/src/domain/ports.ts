import type { Doctor } from "./doctor.ts";
import type { SealedEvent } from "./seal-event.ts";

// What the domain needs of the outside. The adapters own the transaction, so its type is theirs.

/** How the states of one kind of aggregate are kept. `save` is false when the version before is no longer there. */
export type AggregateStore<State, Reader, Transaction extends Reader> = {
  readonly type: "appointment" | "doctor";
  find(reader: Reader, id: string): Promise<State | undefined>;
  save(transaction: Transaction, state: State): Promise<boolean>;
};

export type FindDoctor = (id: string) => Promise<Doctor | undefined>;

/** The doctor, whom no other command may book before the transaction ends. */
export type LockDoctor<Transaction> = (transaction: Transaction, id: string) => Promise<Doctor | undefined>;

/** The correlation and the trace that an event continues. */
export type EventOrigin = {
  readonly correlationId: string;
  readonly traceparent: string;
  readonly tracestate: string | undefined;
};

/** Commits an event with the state that it tells of; it is published afterwards. */
export type AppendEvent<Transaction> = (
  transaction: Transaction,
  aggregateType: string,
  event: SealedEvent,
  origin: EventOrigin,
) => Promise<void>;

/** What became of one publication. */
export type Outcome =
  | { readonly kind: "confirmed"; readonly seconds: number }
  /**
   * `refused`: the user may not publish it. `unknown`: the channel died first, so nobody knows whether the broker took it.
   */
  | { readonly kind: "nacked" | "returned" | "refused" | "timeout" | "unknown"; readonly reason: string };

export type EventPublisher<Message> = {
  /** Settles when the broker has answered, or after the timeout; never rejects. */
  publish(message: Message): Promise<Outcome>;
};
