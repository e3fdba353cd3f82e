import type { JobName } from "../../generated/jobs.ts";
import type { Logger } from "../../telemetry/logger.ts";
import type { Metrics } from "../../telemetry/metrics.ts";
import type { JobResult } from "../job-transaction.ts";
import { PermanentError } from "../permanent-error.ts";
import { type Concluded, type Handle, isVerdict } from "./delivery.ts";
import { fieldsOf } from "./identified.ts";

export interface CountedDependencies {
  job: JobName;
  metrics: Pick<Metrics, "handleSeconds" | "consumed" | "duplicates">;
  log: Logger;
  /** Called after a commit, with what the job did. */
  committed(result: JobResult): void;
}

/** Tells metrics, log and the job's workers what it came to, and how long that took. */
export function counted({ job, metrics, log, committed }: CountedDependencies) {
  return (next: Handle<Concluded>): Handle<Concluded> => async (delivery) => {
    const started = performance.now();
    const concluded = await next(delivery);
    const { received } = delivery;
    if (!received || received instanceof PermanentError) return concluded;
    const ms = performance.now() - started;
    metrics.handleSeconds.observe({ consumer_job: job }, ms / 1000);
    if (isVerdict(concluded)) return concluded;
    const { kind: outcome } = concluded;
    metrics.consumed.inc({ consumer_job: job, event: received.event.eventName, outcome });
    if (outcome === "duplicate") metrics.duplicates.inc({ consumer_job: job });
    else committed(concluded);
    // A logger of its own would cost more than all the rest of it.
    log.info({ ...fieldsOf(job, delivery), outcome, ms: Math.round(ms) }, "event processed");
    return concluded;
  };
}
