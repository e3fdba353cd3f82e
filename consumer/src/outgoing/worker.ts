import type { PendingQuery, Row, Sql } from "postgres";

/** Does what a job's commits have left to be done, when it falls due. Safe to run in several processes. */
export interface Worker {
  name: string;
  /**
   * Seconds until its next work falls due, as an expression of SQL: 0 or less when it is due, null when there is none.
   * It is asked once a second by each process, so it reads an index.
   */
  dueIn(sql: Sql): PendingQuery<Row[]>;
  /** Looks for due work now: nobody else makes it look. */
  wake(): void;
  /** Whether it calls nobody for a while, since its dependency does not answer. */
  isBreakerOpen?(): boolean;
  /** Runs until `signal` is aborted, then finishes what is in flight and resolves. */
  run(signal: AbortSignal): Promise<void>;
}
