import { createHash } from "node:crypto";
import type { ConsumeMessage } from "amqplib";
import type { Sql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import type { JobResult } from "../jobs/run-job.ts";
import { PermanentError } from "../permanent-error.ts";
import { noteFinish, noteStart } from "../postgres/unfinished-starts.ts";
import { whilePostgresIsAway } from "../postgres/wait-for-postgres.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Processed, ProcessTrace } from "../telemetry/process-span.ts";
import { afterError, afterWait, type FailurePolicy, type Verdict } from "./failure-policy.ts";
import { deliveryCount, header } from "./headers.ts";
import { createLanes } from "./lanes.ts";
import { readEvent, type ReceivedEvent } from "./message.ts";
import { createSemaphore, type Semaphore } from "./semaphore.ts";

export interface JobDeliveryDependencies {
  job: JobName;
  policy: FailurePolicy;
  /** Events that the job works on at the same time; those of one aggregate follow each other. */
  concurrency: number;
  /** One permit, shared by all jobs of the process: redelivered messages run one at a time. */
  redelivered: Semaphore;
  runJob(received: ReceivedEvent): Promise<JobResult>;
  forward(message: ConsumeMessage, verdict: Verdict, log: Logger, gone: AbortSignal): Promise<void>;
  sql: Sql;
  metrics: Metrics;
  trace: ProcessTrace;
  log: Logger;
  now: () => Date;
  /** Called after a commit that may have written an intent. */
  committed(): void;
}

/** Starts of a redelivered message that may end with the process before it is taken for the cause. */
const mostUnfinishedStarts = 3;

/** What happens to one delivery of a job's queue until its effect, its retry or its dead letter is durable. */
export function createJobDelivery(dependencies: JobDeliveryDependencies) {
  const { job, policy, concurrency, redelivered, runJob, sql, metrics, trace, now, committed } = dependencies;
  const slots = createSemaphore(concurrency);
  const inLane = createLanes();

  function read(message: ConsumeMessage): ReceivedEvent | PermanentError {
    try {
      return readEvent(job, message);
    } catch (error) {
      if (error instanceof PermanentError) return error;
      throw error;
    }
  }

  function logOf(message: ConsumeMessage, read: ReceivedEvent | PermanentError): Logger {
    const { messageId, correlationId } = message.properties;
    if (read instanceof PermanentError) return dependencies.log.child({ job, eventId: messageId, correlationId });
    const { eventKey, event } = read;
    return dependencies.log.child({
      job,
      eventId: eventKey,
      event: event.eventName,
      aggregateId: event.aggregateId,
      correlationId: read.correlationId,
    });
  }

  async function forward(
    message: ConsumeMessage,
    verdict: Verdict,
    log: Logger,
    gone: AbortSignal,
  ): Promise<Processed> {
    await dependencies.forward(message, verdict, log, gone);
    return { outcome: verdict.kind, errorClass: verdict.headers[header.errorClass] as string | undefined };
  }

  async function process(
    message: ConsumeMessage,
    received: ReceivedEvent,
    log: Logger,
    gone: AbortSignal,
  ): Promise<Processed> {
    gone.throwIfAborted();
    const { headers } = message.properties;
    const started = performance.now();
    const finished = () => metrics.handleSeconds.observe({ job }, (performance.now() - started) / 1000);
    let result: JobResult;
    try {
      result = await whilePostgresIsAway(() => runJob(received), log, gone);
    } catch (error) {
      gone.throwIfAborted();
      finished();
      return await forward(message, afterError(error, headers, now(), policy), log, gone);
    }
    finished();
    if (result.kind === "wait") {
      return await forward(message, afterWait(result.reason, headers, now(), policy), log, gone);
    }
    metrics.consumed.inc({ job, event: received.event.eventName, outcome: result.kind });
    if (result.kind === "duplicate") metrics.duplicates.inc({ job });
    else committed();
    log.info({ outcome: result.kind, ms: Math.round(performance.now() - started) }, "event processed");
    return { outcome: result.kind };
  }

  function reject(message: ConsumeMessage, error: PermanentError, log: Logger, gone: AbortSignal): Promise<void> {
    const { headers, correlationId } = message.properties;
    const verdict = afterError(error, headers, now(), policy);
    return trace(message, correlationId, () => forward(message, verdict, log, gone));
  }

  type Turn = (aggregateId: string, task: () => Promise<void>) => Promise<void>;
  const amongOthers: Turn = (aggregateId, task) => inLane(aggregateId, () => slots.run(1, task));
  const atOnce: Turn = (_, task) => task();

  async function handle(message: ConsumeMessage, gone: AbortSignal, turn: Turn): Promise<void> {
    const received = read(message);
    const log = logOf(message, received);
    if (received instanceof PermanentError) {
      return await reject(message, received, log, gone);
    }
    const { event, correlationId } = received;
    await turn(
      event.aggregateId,
      () => trace(message, correlationId, () => process(message, received, log, gone)),
    );
  }

  /**
   * It may have taken the process down: it runs alone, after a note that outlives the process, so that what was
   * delivered together with it is not blamed for it.
   */
  async function handleAlone(message: ConsumeMessage, gone: AbortSignal): Promise<void> {
    const bodyHash = createHash("sha256").update(message.content).digest("hex");
    const starts = await whilePostgresIsAway(() => noteStart(sql, job, bodyHash), dependencies.log, gone);
    try {
      if (starts > mostUnfinishedStarts) {
        const crash = new PermanentError("crashed-process", `${starts - 1} starts ended with the process`);
        await reject(message, crash, logOf(message, crash), gone);
      } else {
        await handle(message, gone, atOnce);
      }
    } finally {
      // Also when the channel was lost: that the process lived on is what counts.
      await whilePostgresIsAway(() => noteFinish(sql, job, bodyHash), dependencies.log, gone);
    }
  }

  return async function deliver(message: ConsumeMessage, gone: AbortSignal): Promise<void> {
    const { fields, properties } = message;
    if (deliveryCount(properties.headers, fields.redelivered) === 0) return await handle(message, gone, amongOthers);
    await redelivered.run(1, () =>
      slots.run(concurrency, async () => {
        gone.throwIfAborted();
        await handleAlone(message, gone);
      }));
  };
}
