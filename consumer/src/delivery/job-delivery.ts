import type { ConsumeMessage } from "amqplib";
import type { Sql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import type { RunApart } from "./run-apart.ts";
import type { JobResult } from "./run-job.ts";
import { PermanentError } from "./permanent-error.ts";
import { whilePostgresIsAway } from "../postgres/wait-for-postgres.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Processed, ProcessTrace } from "../telemetry/process-span.ts";
import { createCrashGuard, type GuardedStart } from "./crash-guard.ts";
import { afterError, afterWait, type FailurePolicy, type Verdict } from "./failure-policy.ts";
import { deliveryCount, header } from "../broker/headers.ts";
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
  /** A longer body is dead-lettered unread: to parse it could take the process down. */
  maxMessageBytes: number;
  /** As many permits as all jobs of the process have slots: whoever holds them all runs alone. */
  everyone: Semaphore;
  runJob(received: ReceivedEvent): Promise<JobResult>;
  forward(message: ConsumeMessage, verdict: Verdict, log: Logger, gone: AbortSignal): Promise<void>;
  sql: Sql;
  /** Runs a message that may have taken the process down in one of its own. */
  runApart: RunApart | undefined;
  metrics: Metrics;
  trace: ProcessTrace;
  log: Logger;
  now: () => Date;
  /** Called after a commit, with what the job did. */
  committed(result: JobResult): void;
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
  const {
    job,
    policy,
    concurrency,
    jobTimeoutMs,
    maxMessageBytes,
    everyone,
    runJob,
    forward,
    sql,
    runApart,
    metrics,
    trace,
    now,
    committed,
  } = dependencies;
  const slots = createSemaphore(concurrency);
  const inLane = createLanes();
  const guard = createCrashGuard({ sql, job, timeoutMs: jobTimeoutMs, runApart });

  function read(message: ConsumeMessage): ReceivedEvent | PermanentError {
    const { length } = message.content;
    if (length > maxMessageBytes) {
      return new PermanentError(
        "too-large",
        `The body has ${length} bytes, more than the ${maxMessageBytes} that are read`,
      );
    }
    if (message.properties.headers?.[header.unreadable]) {
      return new PermanentError("unreadable-headers", "A header is nested too deep, or of a type that is not known");
    }
    try {
      return readEvent(job, message);
    } catch (error) {
      if (error instanceof PermanentError) return error;
      throw error;
    }
  }

  /** `tried` is what came of it in a process of its own. */
  async function attempt(
    { message, log, gone }: Delivery,
    received: ReceivedEvent,
    tried?: JobResult,
  ): Promise<Processed | Verdict> {
    gone.throwIfAborted();
    const { headers } = message.properties;
    const started = performance.now();
    const finished = () => metrics.handleSeconds.observe({ consumer_job: job }, (performance.now() - started) / 1000);
    let result: JobResult;
    try {
      result = tried ?? await whilePostgresIsAway(() => runJob(received), log, gone);
    } catch (error) {
      gone.throwIfAborted();
      finished();
      return afterError(error, headers, now(), policy);
    }
    finished();
    if (result.kind === "wait") return afterWait(result.reason, headers, now(), policy);
    metrics.consumed.inc({ consumer_job: job, event: received.event.eventName, outcome: result.kind });
    if (result.kind === "duplicate") metrics.duplicates.inc({ consumer_job: job });
    else committed(result);
    log.info({ outcome: result.kind, ms: Math.round(performance.now() - started) }, "event processed");
    return { outcome: result.kind };
  }

  const giveUp = ({ message }: Delivery, error: PermanentError): Verdict =>
    afterError(error, message.properties.headers, now(), policy);

  /** Attempts, and forwards what is not done with; that may take as long as the broker refuses it. */
  async function conclude(delivery: Delivery, attempted: () => Promise<Processed | Verdict>): Promise<void> {
    const { message, correlationId, gone } = delivery;
    await trace(message, correlationId, async () => {
      const result = await attempted();
      if (!("kind" in result)) return result;
      await forward(message, result, delivery.log, gone);
      return { outcome: result.kind, errorClass: result.headers[header.errorClass] as string | undefined };
    });
  }

  async function handle(delivery: Delivery): Promise<void> {
    const received = read(delivery.message);
    if (received instanceof PermanentError) {
      return await conclude(delivery, () => Promise.resolve(giveUp(delivery, received)));
    }
    const attempted = () => everyone.run(1, () => attempt(delivery, received));
    await inLane(received.event.aggregateId, () => slots.run(1, () => conclude(delivery, attempted)));
  }

  async function attemptAlone(delivery: Delivery, start: GuardedStart): Promise<Processed | Verdict> {
    const { message, gone } = delivery;
    const tried = message.content.length > maxMessageBytes ? undefined : await start.runApart();
    if (tried instanceof PermanentError) return giveUp(delivery, tried);
    // It was not read before, not even to say which event it is.
    Object.assign(delivery, describe(message, gone, maxMessageBytes));
    const received = read(message);
    return received instanceof PermanentError ? giveUp(delivery, received) : await attempt(delivery, received, tried);
  }

  /** It may have taken the process down: nobody else is to be blamed if it does so again. */
  async function handleAlone(delivery: Delivery): Promise<void> {
    await slots.runAlone(async () => {
      let start: GuardedStart | undefined;
      const turn = async () => {
        start = await guard(delivery);
        try {
          const result = await attemptAlone(delivery, start);
          // What is given up keeps its note until the dead letter is durable.
          if ("kind" in result && result.kind === "dead-letter") return result;
          await finish();
          return result;
        } catch (error) {
          // Also when the channel was lost: that the process lived on is what counts.
          await finish();
          throw error;
        }
      };
      const finish = async () => {
        const finished = start;
        start = undefined;
        await finished?.finish();
      };
      try {
        await conclude(delivery, () => everyone.runAlone(turn));
      } finally {
        await finish();
      }
    });
  }

  /** Reads no body over `maxBytes`. */
  function describe(message: ConsumeMessage, gone: AbortSignal, maxBytes: number): Delivery {
    const { eventKey: eventId, eventName: event, aggregateId, correlationId } = identify(message, maxBytes);
    const log = dependencies.log.child({ job, eventId, event, aggregateId, correlationId });
    return { message, correlationId, log, gone };
  }

  return async function deliver(message: ConsumeMessage, gone: AbortSignal): Promise<void> {
    const { fields, properties } = message;
    const fresh = deliveryCount(properties.headers, fields.redelivered) === 0;
    if (fresh) await handle(describe(message, gone, maxMessageBytes));
    else await handleAlone(describe(message, gone, 0));
  };
}
