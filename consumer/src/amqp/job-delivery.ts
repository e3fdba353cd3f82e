import type { ConsumeMessage } from "amqplib";
import type { Sql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import type { JobResult } from "../jobs/run-job.ts";
import { PermanentError } from "../permanent-error.ts";
import { whilePostgresIsAway } from "../postgres/wait-for-postgres.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Processed, ProcessTrace } from "../telemetry/process-span.ts";
import { createCrashGuard } from "./crash-guard.ts";
import { afterError, afterWait, type FailurePolicy, type Verdict } from "./failure-policy.ts";
import { deliveryCount, header } from "./headers.ts";
import { identify } from "./identity.ts";
import { createLanes } from "./lanes.ts";
import { readEvent, type ReceivedEvent } from "./message.ts";
import { createSemaphore, type Semaphore } from "./semaphore.ts";

export interface JobDeliveryDependencies {
  job: JobName;
  policy: FailurePolicy;
  /** Events that the job works on at the same time; those of one aggregate follow each other. */
  concurrency: number;
  jobTimeoutMs: number;
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

export interface Delivery {
  message: ConsumeMessage;
  correlationId: string | undefined;
  /** Its lines say which event it is, also of a message that cannot be read. */
  log: Logger;
  /** Aborted when the channel is lost, and the message with it. */
  gone: AbortSignal;
}

/** What happens to one delivery of a job's queue until its effect, its retry or its dead letter is durable. */
export function createJobDelivery(dependencies: JobDeliveryDependencies) {
  const { job, policy, concurrency, jobTimeoutMs, redelivered, runJob, sql, metrics, trace, now, committed } =
    dependencies;
  const slots = createSemaphore(concurrency);
  const inLane = createLanes();
  const guarded = createCrashGuard({ sql, job, timeoutMs: jobTimeoutMs });

  function read(message: ConsumeMessage): ReceivedEvent | PermanentError {
    try {
      return readEvent(job, message);
    } catch (error) {
      if (error instanceof PermanentError) return error;
      throw error;
    }
  }

  async function forward({ message, log, gone }: Delivery, verdict: Verdict): Promise<Processed> {
    await dependencies.forward(message, verdict, log, gone);
    return { outcome: verdict.kind, errorClass: verdict.headers[header.errorClass] as string | undefined };
  }

  async function process(delivery: Delivery, received: ReceivedEvent): Promise<Processed> {
    const { message: { properties: { headers } }, log, gone } = delivery;
    gone.throwIfAborted();
    const started = performance.now();
    const finished = () => metrics.handleSeconds.observe({ job }, (performance.now() - started) / 1000);
    let result: JobResult;
    try {
      result = await whilePostgresIsAway(() => runJob(received), log, gone);
    } catch (error) {
      gone.throwIfAborted();
      finished();
      return await forward(delivery, afterError(error, headers, now(), policy));
    }
    finished();
    if (result.kind === "wait") return await forward(delivery, afterWait(result.reason, headers, now(), policy));
    metrics.consumed.inc({ job, event: received.event.eventName, outcome: result.kind });
    if (result.kind === "duplicate") metrics.duplicates.inc({ job });
    else committed();
    log.info({ outcome: result.kind, ms: Math.round(performance.now() - started) }, "event processed");
    return { outcome: result.kind };
  }

  async function reject(delivery: Delivery, error: PermanentError): Promise<void> {
    const { message, correlationId } = delivery;
    const verdict = afterError(error, message.properties.headers, now(), policy);
    await trace(message, correlationId, () => forward(delivery, verdict));
  }

  type Turn = (aggregateId: string, task: () => Promise<void>) => Promise<void>;
  const amongOthers: Turn = (aggregateId, task) => inLane(aggregateId, () => slots.run(1, task));
  const atOnce: Turn = (_, task) => task();

  async function handle(delivery: Delivery, turn: Turn): Promise<void> {
    const { message, correlationId } = delivery;
    const received = read(message);
    if (received instanceof PermanentError) return await reject(delivery, received);
    await turn(
      received.event.aggregateId,
      () => trace(message, correlationId, () => process(delivery, received)),
    );
  }

  /** Alone, so that what was delivered together with it is not blamed if it takes the process down. */
  async function handleAlone(delivery: Delivery): Promise<void> {
    await guarded(delivery, async (crash) => {
      if (crash) await reject(delivery, crash);
      else await handle(delivery, atOnce);
    });
  }

  return async function deliver(message: ConsumeMessage, gone: AbortSignal): Promise<void> {
    const { fields, properties } = message;
    const { eventKey: eventId, eventName: event, aggregateId, correlationId } = identify(message);
    const log = dependencies.log.child({ job, eventId, event, aggregateId, correlationId });
    const delivery = { message, correlationId, log, gone };
    if (deliveryCount(properties.headers, fields.redelivered) === 0) return await handle(delivery, amongOthers);
    await redelivered.run(1, () =>
      slots.run(concurrency, async () => {
        gone.throwIfAborted();
        await handleAlone(delivery);
      }));
  };
}
