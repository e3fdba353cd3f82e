import { type Backoff, backoffMs } from "../../../outgoing/backoff.ts";
import { createCircuitBreaker } from "../../../outgoing/circuit-breaker.ts";
import type { DependencyWatch } from "../../../outgoing/dependency-watch.ts";
import { createIntentSender } from "../../../outgoing/intent-sender.ts";
import type { Worker } from "../../../outgoing/worker.ts";
import type { Logger } from "../../../telemetry/logger.ts";
import type { ReportAnswer } from "./producer-reports.ts";
import type { ClaimedReport, Report, ReportQueue, ReportResult } from "./report-queue.ts";

export interface ReportSenderDependencies {
  queue: ReportQueue;
  tell: (report: Report) => Promise<ReportAnswer>;
  watch: DependencyWatch;
  now: () => Date;
  log: Logger;
  /** Between the attempts at a report that the producer does not take as it is. */
  backoff: Backoff;
  /** For a producer that does not answer. */
  cooldown: Backoff;
}

const concurrency = 4;

/** Tells the producer whom nothing reaches. Nobody waits for it: while it is away, reports wait. */
export function createReportSender(deps: ReportSenderDependencies): Worker {
  const { queue, tell, watch, now, log, backoff, cooldown } = deps;

  function resultOf({ attempts }: ClaimedReport, answer: ReportAnswer): ReportResult {
    switch (answer.kind) {
      case "accepted":
        return { state: "told" };
      case "settled":
        return { state: "not_needed", reason: answer.reason };
      case "unavailable":
        return {
          state: "pending",
          reason: answer.reason,
          delayMs: answer.retryAfterMs ?? cooldown.baseMs,
          attempts,
        };
      default:
        return {
          state: "pending",
          reason: answer.reason,
          delayMs: backoffMs(attempts + 1, backoff),
          attempts: attempts + 1,
        };
    }
  }

  async function handOver(claimed: ClaimedReport): Promise<ReportAnswer> {
    const report = await queue.find(claimed);
    if (!report) return { kind: "settled", reason: "the send is not kept any more" };
    const answer = await tell(report);
    if (answer.kind !== "unavailable") watch.took();
    else if (answer.refusal) watch.refused(answer.refusal);
    return answer;
  }

  return createIntentSender<ClaimedReport>({
    name: "notifications-reports",
    concurrency,
    breaker: createCircuitBreaker({ threshold: 3, cooldown, now }),
    log,
    dueIn: queue.dueIn,
    claim: queue.claim,
    release: queue.release,
    async carryOut(claimed) {
      const answer = await handOver(claimed);
      const result = resultOf(claimed, answer);
      const retryAfterMs = answer.kind === "unavailable" ? answer.retryAfterMs : undefined;
      return {
        outcome: retryAfterMs !== undefined ? { retryAfterMs } : answer.kind === "unavailable" ? "unavailable" : "done",
        async record() {
          await queue.record(claimed, result);
          const { state } = result;
          const reason = "reason" in result ? { reason: result.reason } : {};
          // An outage is told once, by the breaker or the watch.
          const level = answer.kind === "deferred" ? "warn" : answer.kind === "unavailable" ? "debug" : "info";
          log[level]({ report: claimed.id, state, ...reason }, "report of a contact problem");
        },
      };
    },
  });
}
