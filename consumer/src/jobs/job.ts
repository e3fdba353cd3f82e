import type { TransactionSql } from "postgres";
import type { JobName } from "../generated/jobs.ts";

/**
 * What a job did with an event. `applied` and `ignored` commit; `wait` rolls back and asks for a later delivery that
 * uses up no attempt, because a predecessor or a doctor is not known yet.
 */
export type JobOutcome =
  | {
    kind: "applied";
    detail?: string;
    /** How many intents it has left, for which the job's workers are woken at once. */
    intents?: number;
  }
  | {
    kind: "ignored";
    reason: string;
    /** What the audit trail calls it: the event is about a patient of whom nothing is kept. */
    action?: "erased";
  }
  | { kind: "wait"; reason: string };

export interface JobContext {
  /** The deduplication key: eventId, else the AMQP message_id, else the SHA-256 of the body. */
  eventKey: string;
  now: Date;
  /**
   * The producer has lost what the job was told under this version and later ones, and an operator has said so: the
   * event counts whatever the job knows.
   */
  supersedes?: boolean;
}

/**
 * One effect of an event: database only, so that it commits together with the inbox row. What leaves the system is
 * written as an intent through the store and carried out by a sender. Throw a PermanentError for what no retry mends.
 */
export interface Job<Event, Store> {
  name: JobName;
  /** It keeps every event beside the others, so none contradicts another: it doesn't go by their versions. */
  keepsAll?: boolean;
  handle(event: Event, store: Store, context: JobContext): Promise<JobOutcome>;
  createStore(transaction: TransactionSql): Store;
}
