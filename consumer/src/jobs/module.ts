import type { Tracer } from "@opentelemetry/api";
import type { Hono } from "hono";
import type { Sql, TransactionSql } from "postgres";
import type { Command } from "../cli/command.ts";
import type { Config } from "../config.ts";
import type { JobName } from "../generated/jobs.ts";
import type { IntentCount } from "../ops/collect-gauges.ts";
import type { Worker } from "../outgoing/worker.ts";
import type { PruneBatch } from "../postgres/retention.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Job } from "./job.ts";
import type { Reconciliation } from "./reconciliation.ts";

export interface WorkerDependencies {
  config: Config;
  sql: Sql;
  log: Logger;
  now: () => Date;
  metrics: Pick<Metrics, "dependencyRefusing" | "notifications" | "notificationDelay" | "mailReceipts">;
  tracer: Tracer;
  /** Called after a commit that has added to the audit trail. */
  audited(): void;
}

/** All that the system knows of a job: its folder, and this in the list of modules. */
export interface JobModule {
  name: JobName;
  job(config: Config): Job;
  /** What carries out the intents of its commits, in every process that runs the job. */
  workers?(dependencies: WorkerDependencies): Worker[];
  /** `consumer COMMAND …`. */
  command?: Command;
  /** Served by every process on its operations port, to whoever has a key with a scope that the route names, or a signature. */
  routes?(dependencies: { config: Config; sql: Sql; now: () => Date; log: Logger }): Hono;
  /** Counts its unfinished intents. */
  gauges?(sql: Sql, config: Config): Promise<IntentCount[]>;
  /** What is deleted of its tables when it is too old. */
  prune?: readonly PruneBatch[];
  /** What is forgotten sooner than that, by a setting of its own. */
  pruneSooner?(config: Config): { retentionDays: number; batches: readonly PruneBatch[] } | undefined;
  /**
   * Empties its tables of what the archive tells since then: for a job whose tables follow from the events alone, so that
   * `consumer replay --rebuild` can tell it everything again.
   */
  rebuild?(sql: TransactionSql, since: Date): Promise<void>;
  /**
   * Compares what it keeps with what the archive tells, for `consumer reconcile`; undefined where the settings are not
   * those that it decides by.
   */
  reconcile?(config: Config): Reconciliation | undefined;
}
