import type { TransactionSql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import type { AuditEntry } from "./audit/audit-log.ts";

/**
 * What a job made of an event. `applied` and `ignored` commit; `wait` leaves nothing and asks for a later delivery that
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
  /** By which the intents continue the trace of the event (W3C Trace Context); undefined without one. */
  traceparent?: string | undefined;
  /**
   * The producer has lost what the job was told under this version and later ones, and an operator has said so: the
   * event counts whatever the job knows.
   */
  supersedes?: boolean;
}

/** An event with what its decision needs beside it. */
export interface Told<Event> {
  event: Event;
  context: JobContext;
}

export interface Decision<Change> {
  outcome: JobOutcome;
  /** What the store is to keep; nothing of an event that waits. */
  change?: Change | undefined;
  /** What the audit trail is to tell before the outcome. */
  audit?: readonly AuditEntry[];
}

export interface FoundOut {
  /** Recorded before the outcome. */
  audit?: readonly AuditEntry[];
  /** In place of the outcome's. */
  detail?: string;
}

/**
 * What a job knows, for the events of one transaction: one event or many, in the same number of statements. It is read
 * once, changed in memory from decision to decision, and written once.
 */
export interface JobStore<Event, Known, Change> {
  /** Reads, and locks until the end of the transaction, what the decisions on these events need to know. */
  load(told: readonly Told<Event>[]): Promise<void>;
  /** What is known when the event has its turn. */
  known(event: Event): Known;
  /** Takes the change of the event, for later decisions and for `save`. */
  keep(event: Event, change: Change): void;
  /** Writes first what the audit trail tells of by event, where that is known only when it is written. */
  findOut?(): Promise<ReadonlyMap<Event, FoundOut>>;
  /** Writes what was kept, in no more statements than for one event. */
  save(): Promise<unknown>;
}

/**
 * One effect of an event: database only, so that it commits together with the inbox row. What leaves the system is kept
 * as an intent and carried out by a sender.
 */
export interface Job<Event = unknown, Known = unknown, Change = unknown> {
  name: JobName;
  /** It keeps every event beside the others, so none contradicts another: it doesn't go by their versions. */
  keepsAll?: boolean;
  /** It changes more than its own aggregate: it has a transaction of its own. */
  isFarReaching?(event: Event): boolean;
  /** Pure: all that it goes by is handed to it. Throws a PermanentError for what no retry mends. */
  decide(event: Event, known: Known, context: JobContext): Decision<Change>;
  createStore(transaction: TransactionSql): JobStore<Event, Known, Change>;
}
