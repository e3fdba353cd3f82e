import type { Sql, TransactionSql } from "postgres";
import type { Told } from "./job.ts";

/** What the job has had of an appointment or doctor, in the order of publication. Empty for what no event tells of. */
export interface History {
  aggregateId: string;
  told: readonly Told<unknown>[];
}

/** Where what is kept, or what a calendar has, is not what the events of an aggregate make of it. */
export interface Difference {
  aggregateId: string;
  kind: "missing" | "extra" | "different";
  /** Such as `visit`; of several, with what tells them apart. Never a value of a patient. */
  what: string;
  /** Which fields differ; of what is different only. */
  fields?: readonly string[];
}

export interface Finding extends Difference {
  /** In the past tense, how it is mended. */
  how: string;
  /** In the transaction that found it; absent where it may not be mended, and `how` says why. */
  mend?(sql: TransactionSql): Promise<unknown>;
}

export interface Compared {
  findings: Finding[];
  /** Of which aggregates nothing can be said, and why. */
  left: { aggregateId: string; why: string }[];
}

/** How what a job keeps is compared with what its own decisions make of the archive's events. */
export interface Reconciliation {
  /** Reads, and locks until the end of the transaction, what is kept of these, and compares it. */
  compare(sql: TransactionSql, histories: readonly History[], now: Date): Promise<Compared>;
  /** The ids of what it keeps that was told in this time; undefined where it may keep what no event tells of. */
  kept?(sql: Sql, from: Date, to: Date): Promise<string[]>;
  /** Why an event that was missed is not handled now. */
  isTooLate?(history: readonly unknown[], now: Date): string | undefined;
  /** The same with another system: what is kept of these is there. Outside of any transaction. */
  compareOutside?(sql: Sql, aggregateIds: readonly string[], now: Date): Promise<OutsideCompared>;
  /** What the other system has in our name of aggregates of which nothing is kept here. */
  findStrangers?(sql: Sql, now: Date): Promise<Difference[]>;
}

export interface OutsideFinding extends Difference {
  how: string;
  /** False when what was found has changed since. */
  mend(sql: TransactionSql): Promise<boolean>;
}

export interface OutsideCompared {
  findings: OutsideFinding[];
  left: Compared["left"];
}
