import type { Metrics } from "./metrics.ts";

export interface CounterLabels {
  jobs: readonly string[];
  /** Of the retry queues. */
  delays: readonly string[];
  /** Exchanges and queues, as the topology watch names them. */
  parts: readonly string[];
}

/** Sets the counters whose labels are known to 0: to Prometheus the first increase would otherwise be none. */
export function startCounters(
  { topologyRestored, missed, waited, duplicates, retried }: Metrics,
  { jobs, delays, parts }: CounterLabels,
): void {
  for (const what of parts) topologyRestored.inc({ what }, 0);
  for (const job of jobs) {
    for (const counter of [missed, waited, duplicates]) counter.inc({ consumer_job: job }, 0);
    for (const delay of delays) retried.inc({ consumer_job: job, delay }, 0);
  }
}
