import type { JobName } from "../generated/jobs.ts";
import type { Difference } from "../jobs/reconciliation.ts";

/** A difference, and what became of it. */
export interface Reported extends Difference {
  job: JobName;
  mended: boolean;
  /** How it was or would be mended, or why it is not. */
  how: string;
}

/** What is no difference and yet not the same: it is on its way, or a person's to decide. */
export interface Left {
  job: JobName;
  why: string;
  aggregateId: string;
}

export interface ReconcileReport {
  /** Appointments and doctors. */
  compared: number;
  found: number;
  mended: number;
  /** How many events or aggregates, by job and reason. */
  left: Record<string, number>;
  /** What could not be asked. */
  failures: string[];
}
