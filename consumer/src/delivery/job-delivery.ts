import type { ConsumeMessage } from "amqplib";
import type { Sql } from "postgres";
import type { JobName } from "../generated/jobs.ts";
import { whilePostgresIsAway } from "../postgres/wait-for-postgres.ts";
import type { BatchTrace } from "../telemetry/batch-span.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { ProcessTrace } from "../telemetry/process-span.ts";
import { createBatches } from "./batches.ts";
import { createCrashGuard } from "./crash-guard.ts";
import type { FailurePolicy } from "./failure-policy.ts";
import type { Forward } from "./forward.ts";
import type { JobResult } from "./job-transaction.ts";
import type { FindKeys } from "../patient-keys/key-reader.ts";
import type { RunApart } from "./run-apart.ts";
import { createOpenTogether } from "./open-together.ts";
import type { WhileAway } from "./run-batch.ts";
import type { RunTogether } from "./run-job.ts";
import { createRunReceived } from "./run-received.ts";
import { createSemaphore, type Semaphore } from "./semaphore.ts";
import { alone } from "./wrappers/alone.ts";
import { counted } from "./wrappers/counted.ts";
import { forwarded } from "./wrappers/forwarded.ts";
import { guarded } from "./wrappers/guarded.ts";
import { identified } from "./wrappers/identified.ts";
import { judged } from "./wrappers/judged.ts";
import { type Readable, readable } from "./wrappers/readable.ts";
import { traced } from "./wrappers/traced.ts";
import { witnessed } from "./wrappers/witnessed.ts";

export interface JobDeliveryDependencies {
  job: JobName;
  policy: FailurePolicy;
  /** Batches of the job that run at the same time; events of one aggregate follow each other. */
  concurrency: number;
  jobTimeoutMs: number;
  /** A longer body is dead-lettered unread: to parse it could take the process down. */
  maxMessageBytes: number;
  /** As many permits as all jobs of the process have slots: whoever holds them all runs alone. */
  everyone: Semaphore;
  runTogether: RunTogether;
  /** Finds patients' keys; without it, what is encrypted can't be read. */
  findKeys?: FindKeys | undefined;
  forward: Forward;
  sql: Sql;
  /** Runs a message that may have taken the process down in one of its own. */
  runApart: RunApart | undefined;
  metrics: Pick<Metrics, "handleSeconds" | "consumed" | "duplicates">;
  trace: ProcessTrace;
  traceBatch: BatchTrace;
  log: Logger;
  now: () => Date;
  /** Called after a commit, with what the job did. */
  committed(result: JobResult): void;
}

/** What happens to one delivery of a job's queue until its effect, its retry or its dead letter is durable. */
export function createJobDelivery(dependencies: JobDeliveryDependencies) {
  const { job, policy, concurrency, maxMessageBytes, everyone, log, now } = dependencies;
  const slots = createSemaphore(concurrency);
  const guard = createCrashGuard({ ...dependencies, timeoutMs: dependencies.jobTimeoutMs });
  const runReceived = createRunReceived(createOpenTogether(job, dependencies.findKeys), dependencies.runTogether);
  const inBatch = createBatches({
    runReceived,
    trace: dependencies.traceBatch,
    concurrency,
    slots,
    everyone,
    log: log.child({ job }),
  });

  /** It holds all slots already. */
  async function byItself({ received, log, gone }: Readable): Promise<JobResult> {
    const whileAway: WhileAway = (task) => whilePostgresIsAway(task, log, gone);
    const keysLog = log.child({ database: "patients' keys" });
    // Nothing of the message runs while its key is asked for, however long that takes.
    const [settled] = await runReceived(
      [received],
      whileAway,
      (task) => everyone.leaveAll(() => whilePostgresIsAway(task, keysLog, gone)),
    );
    if (settled!.kind === "failed") throw settled!.error;
    return settled!;
  }
  const processed = (delivery: Readable) => delivery.isSuspect ? byItself(delivery) : inBatch(delivery);

  const attempted = witnessed(job, maxMessageBytes)(readable(job, maxMessageBytes)(processed));
  const concluded = counted(dependencies)(alone(everyone, guard)(judged(policy, now)(attempted)));
  const durable = guarded(slots)(traced(dependencies.trace)(forwarded(dependencies.forward)(concluded)));
  return identified(dependencies)(durable) as (message: ConsumeMessage, gone: AbortSignal) => Promise<void>;
}
