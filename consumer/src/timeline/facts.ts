/** What the tables and the producer tell of one appointment or doctor. Nothing here is personal. */
export interface Facts {
  aggregateId: string;
  outcomes: OutcomeFact[];
  handled: HandledFact[];
  delays: DelayFact[];
  deadLetters: DeadLetterFact[];
  sends: SendFact[];
  entries: EntryFact[];
  reminders: ReminderFact[];
  producer: ProducerFacts;
}

/** A row of the audit trail, with its place in the chain once it is sealed. */
export interface OutcomeFact {
  id: string;
  occurredAt: Date;
  job: string;
  action: string;
  eventKey: string | null;
  eventName: string | null;
  correlationId: string | null;
  actor: string | null;
  detail: Record<string, unknown> | null;
  position: string | null;
  hash: string | null;
}

/** A row of the inbox: a job has done with an event. */
export interface HandledFact {
  job: string;
  eventKey: string;
  eventName: string;
  outcome: "applied" | "ignored";
  processedAt: Date;
  toldAt: Date | null;
  version: number | null;
}

export interface DelayFact {
  job: string;
  eventKey: string;
  eventName: string | null;
  kind: "retry" | "wait";
  retries: number;
  waits: number;
  firstAt: Date;
  lastAt: Date;
  nextAt: Date;
  reason: string;
}

export interface DeadLetterFact {
  id: string;
  job: string;
  reason: string;
  eventKey: string;
  eventName: string | null;
  correlationId: string | null;
  attempts: number | null;
  error: string | null;
  traceparent: string | null;
  state: "stored" | "replayed" | "discarded";
  storedAt: Date;
  settledAt: Date | null;
}

export interface SendFact {
  id: string;
  eventKey: string;
  channel: "email" | "sms";
  template: string;
  /** Only for those who may see it. */
  recipient: string | null;
  state: "pending" | "sending" | "sent" | "failed" | "unknown" | "dropped";
  attempts: number;
  dueAt: Date;
  createdAt: Date;
  updatedAt: Date;
  reason: string | null;
  reference: string | null;
  settledAs: string | null;
  /** The last word of the other side after it took it. */
  receipt: "delivered" | "undelivered" | null;
  receiptAt: Date | null;
  contentHash: string | null;
  /** What the other side knows it by: the Message-ID of a mail, the key of a text message. */
  knownAs: string;
}

export interface EntryFact {
  doctorId: string;
  state: "pending" | "done" | "conflict" | "failed" | "off";
  eventKey: string | null;
  wanted: boolean;
  attempts: number;
  wantedAt: Date;
  nextAttemptAt: Date;
  etag: string | null;
  resource: string;
  lastError: string | null;
}

export interface ReminderFact {
  leadMinutes: number;
  dueAt: Date;
}

/** `none`: no producer is set; `silent`: it is, and did not answer. */
export type ProducerFacts =
  | { kind: "none" }
  | { kind: "silent"; reason: string }
  | { kind: "told"; archived: ArchivedFact[]; pending: PendingFact[] };

export interface ArchivedFact {
  eventId: string;
  eventName: string;
  aggregateVersion: number | undefined;
  publishedAt: Date;
  committedAt: Date | undefined;
  failedPublications: number | undefined;
  toldAt: Date | undefined;
  actor: string | undefined;
  correlationId: string | undefined;
  traceparent: string | undefined;
}

export interface PendingFact {
  eventId: string;
  eventName: string;
  aggregateVersion: number | undefined;
  createdAt: Date;
  attempts: number;
  lastAttemptAt: Date | undefined;
  lastError: string | undefined;
}
