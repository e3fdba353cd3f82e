import type { Attributes, Tracer } from "@opentelemetry/api";
import type { Sql } from "postgres";
import type { Job } from "../jobs/job.ts";
import { createApartRunner } from "./run-apart.ts";
import type { JobResult } from "./job-transaction.ts";
import type { FindKeys } from "../patient-keys/key-reader.ts";
import { createTogetherRunner } from "./run-job.ts";
import type { JobName } from "../generated/jobs.ts";
import type { JobPauses } from "../postgres/job-pauses.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { createBatchTrace } from "../telemetry/batch-span.ts";
import { createProcessTrace } from "../telemetry/process-span.ts";
import type { BrokerConnection } from "../broker/connection.ts";
import { notingDelays } from "./delay-notes.ts";
import { failurePolicy } from "./failure-policy.ts";
import { createForwarder } from "./forward.ts";
import { createJobDelivery } from "./job-delivery.ts";
import { createPausableConsumer } from "../broker/pausable-consumer.ts";
import type { Publisher } from "../broker/publisher.ts";
import { createQueueConsumer, type QueueConsumer } from "../broker/queue-consumer.ts";
import type { EventAges } from "./wrappers/event-ages.ts";
import { createSemaphore } from "./semaphore.ts";
import { declareTopology, type Topology } from "../broker/topology.ts";

export interface JobConsumersDependencies {
  jobs: readonly Job[];
  topology: Topology;
  /** A connection for consuming only: on the publishing one, acknowledgements freeze with it during an alarm. */
  connection: BrokerConnection;
  publisher: Publisher;
  sql: Sql;
  /** Finds patients' keys; without it, what is encrypted can't be read. */
  findKeys?: FindKeys | undefined;
  /** The program that runs one message of a job in a process of its own. */
  apart?: URL;
  metrics: Metrics;
  ages: EventAges;
  tracer: Tracer;
  /** The broker, for spans. */
  server: Attributes;
  log: Logger;
  now: () => Date;
  pauses: JobPauses;
  /** Called after a job's commit, with what it did. */
  committed(job: JobName, result: JobResult): void;
  /** What the write of an event's effect ended with; undefined when it was taken. */
  onWrite(failure: unknown): void;
  prefetch: number;
  concurrency: number;
  jobTimeoutMs: number;
  maxMessageBytes: number;
  retryDelays: readonly string[];
  waitLimitMs: number;
}

/** One consumer for each job, each on a channel of its own. */
export function createJobConsumers(dependencies: JobConsumersDependencies): QueueConsumer[] {
  const { jobs, topology, connection, publisher, sql, apart, metrics, ages, tracer, server, log, now, pauses } =
    dependencies;
  const everyone = createSemaphore(jobs.length * dependencies.concurrency);

  return jobs.map((job) => {
    const queue = topology[job.name];
    const deliver = createJobDelivery({
      job: job.name,
      policy: failurePolicy(queue, dependencies.retryDelays, dependencies.waitLimitMs),
      concurrency: dependencies.concurrency,
      jobTimeoutMs: dependencies.jobTimeoutMs,
      maxMessageBytes: dependencies.maxMessageBytes,
      everyone,
      runTogether: createTogetherRunner({
        sql,
        job,
        timeoutMs: dependencies.jobTimeoutMs,
        now,
        onWrite: dependencies.onWrite,
      }),
      findKeys: dependencies.findKeys,
      forward: notingDelays(
        { job: job.name, sql, maxMessageBytes: dependencies.maxMessageBytes, now },
        createForwarder({ job: job.name, queue, publisher, metrics }),
      ),
      sql,
      runApart: apart && createApartRunner({ job: job.name, entry: apart, silenceMs: dependencies.jobTimeoutMs }),
      metrics,
      trace: createProcessTrace({ tracer, job: job.name, queue: queue.name, server }),
      traceBatch: createBatchTrace({ tracer, queue: queue.name, server }),
      log,
      now,
      committed: (result) => dependencies.committed(job.name, result),
    });
    const consumer = createQueueConsumer({
      connection,
      queue: queue.name,
      prefetch: dependencies.prefetch,
      maxMessageBytes: dependencies.maxMessageBytes,
      handle: ages(job.name)(deliver),
      restore: (model) => declareTopology(model, [queue]),
      log,
    });
    return createPausableConsumer(pauses, job.name, consumer);
  });
}
