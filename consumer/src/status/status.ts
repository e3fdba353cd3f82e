import type { IntentCount } from "../ops/collect-gauges.ts";

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
