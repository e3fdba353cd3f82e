import type { IntentCount } from "../ops/collect-gauges.ts";
import type { LockHolder } from "../postgres/lock-holders.ts";

export interface QueueStatus {
  job: string;
  queue: string;
  ready: number;
  limit: number;
  /** In the retry queues: the broker counts them nowhere else. */
  delayed: number;
  /** In the dead-letter queue, before they are stored. */
  dead: number;
  /** Of the oldest event that the job holds or that waits in a retry queue, its retries included. */
  oldestAgeSeconds: number | null;
  /** Events that the job finished in the last minute. */
  perMinute: number;
}

export interface ProcessStatus {
  id: string;
  startedAt: string;
  seenAt: string;
  /** Of PostgreSQL's clock: that of the process may be wrong. */
  seenSecondsAgo: number;
  jobs: string[];
  state: ProcessState;
}

/** What only the process itself knows. */
export interface ProcessState {
  /** Whether each sender's circuit breaker is open. */
  breakers: Record<string, boolean>;
  /** What a dependency refuses by its configuration, or ours. */
  refusals: Record<string, string>;
  /** Of the oldest event that each job holds. */
  oldestAgeSeconds: Record<string, number>;
  /** Of PostgreSQL's clock; a process of an earlier version doesn't tell. */
  clockAheadSeconds?: number;
}

/** What a service has not as it should be, by its own readiness. */
export interface Impairment {
  whose: "producer" | "consumer";
  dependency: "database" | "broker" | "topology" | "patientKeys";
  state: string;
  reason: string;
}

/** A clock that differs from PostgreSQL's. */
export interface ClockStatus {
  whose: string;
  aheadSeconds: number;
}

export type OutboxStatus =
  | { kind: "unknown"; reason: string }
  | { kind: "known"; pending: number; isMore: boolean; oldestAgeSeconds: number };

export interface FailureCount {
  job: string;
  reason: string;
  count: number;
}

/** Everything that the answer to "is anything wrong?" depends on. */
export interface Observations {
  takenAt: Date;
  database: { up: boolean; reason?: string | undefined };
  broker: { up: boolean; reason?: string | undefined };
  queues: QueueStatus[];
  outbox: OutboxStatus;
  intents: IntentCount[];
  deadLetters: FailureCount[];
  reminders: { waiting: number; overdue: number; nextAt: string | null };
  seals: { waiting: number; oldestAgeSeconds: number; position: number };
  processes: ProcessStatus[];
  impairments: Impairment[];
  lockHolders: LockHolder[];
  /** Of the producer, and of each process of the consumer. */
  clocks: ClockStatus[];
}

/** `red`: a person has to do something; `amber`: it should mend itself; `green`: nothing is wrong. */
export type Colour = "green" | "amber" | "red";

export interface Problem {
  colour: Exclude<Colour, "green">;
  what: string;
  /** What a person can do, or look at. */
  todo: string | null;
  /** Where the page tells more. */
  link: string | null;
}

export interface Status extends Omit<Observations, "takenAt"> {
  takenAt: string;
  colour: Colour;
  sentence: string;
  needsPerson: boolean;
  problems: Problem[];
}
