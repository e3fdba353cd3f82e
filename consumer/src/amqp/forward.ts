import { setTimeout as sleep } from "node:timers/promises";
import type { ConsumeMessage } from "amqplib";
import type { JobName } from "../generated/jobs.ts";
import type { JobQueue } from "../generated/topology.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Verdict } from "./failure-policy.ts";
import { header, republished } from "./headers.ts";
import type { Publication, Publisher } from "./publisher.ts";

export interface ForwarderDependencies {
  job: JobName;
  queue: JobQueue;
  publisher: Publisher;
  metrics: Metrics;
}

const longestPauseMs = 15_000;

/** Puts a message into a retry queue or the dead letters, where it is durable when this resolves. */
export function createForwarder({ job, queue, publisher, metrics }: ForwarderDependencies) {
  /**
   * Holds on to the message for as long as the broker refuses it (full, alarm, away): giving it back would have it
   * delivered again at once, over and over. Rejects when `gone` is aborted: then the broker delivers it again.
   */
  async function publishAtLast(publication: Publication, log: Logger, gone: AbortSignal): Promise<void> {
    for (let pauseMs = 1_000;; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      gone.throwIfAborted();
      try {
        return await publisher.publish(publication);
      } catch (error) {
        log.warn({ error: errorText(error), pauseMs }, "publishing again after a pause");
        await sleep(pauseMs, undefined, { signal: gone });
      }
    }
  }

  return async function forward(message: ConsumeMessage, verdict: Verdict, log: Logger, gone: AbortSignal) {
    const { content } = message;
    const properties = republished(message.properties, verdict.headers);
    if (verdict.kind === "delay") {
      const { routingKey, name: delay } = verdict.delay;
      await publishAtLast({ exchange: queue.retry.exchange, routingKey, content, properties }, log, gone);
      const waits = !(header.attempts in verdict.headers);
      if (waits) metrics.waited.inc({ job });
      else metrics.retried.inc({ job, delay });
      log.info({ delay, error: verdict.headers[header.errorMessage] }, waits ? "event waits" : "event will be retried");
      return;
    }
    const { exchange, routingKey } = queue.deadLetter;
    await publishAtLast({ exchange, routingKey, content, properties }, log, gone);
    metrics.deadLettered.inc({ job, reason: verdict.reason });
    log.error({ reason: verdict.reason, error: verdict.headers[header.errorMessage] }, "event dead-lettered");
  };
}
