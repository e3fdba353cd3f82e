import type { ConsumeMessage } from "amqplib";
import type { JobName } from "../generated/jobs.ts";
import type { JobQueue } from "../generated/topology.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import type { Verdict } from "./failure-policy.ts";
import { header, republished } from "../broker/headers.ts";
import { publishAtLast } from "../broker/publish-at-last.ts";
import type { Publication, Publisher } from "../broker/publisher.ts";

export interface ForwarderDependencies {
  job: JobName;
  queue: JobQueue;
  publisher: Publisher;
  metrics: Metrics;
}

/** Puts a message into a retry queue or the dead letters, where it is durable when this resolves. */
export function createForwarder({ job, queue, publisher, metrics }: ForwarderDependencies) {
  /** Holds on to what the broker refuses: given back, it would be delivered again at once, over and over. */
  function publish(publication: Publication, log: Logger, gone: AbortSignal): Promise<void> {
    return publishAtLast(publisher, publication, gone, (error, pauseMs) => {
      log.warn({ error: errorText(error), pauseMs }, "publish failed, retrying");
    });
  }

  return async function forward(message: ConsumeMessage, verdict: Verdict, log: Logger, gone: AbortSignal) {
    const { content } = message;
    const properties = republished(message.properties, verdict.headers);
    if (verdict.kind === "delay") {
      const { routingKey, name: delay } = verdict.delay;
      await publish({ exchange: queue.retry.exchange, routingKey, content, properties }, log, gone);
      const waits = !(header.attempts in verdict.headers);
      if (waits) metrics.waited.inc({ consumer_job: job });
      else metrics.retried.inc({ consumer_job: job, delay });
      log.info({ delay, error: verdict.headers[header.errorMessage] }, waits ? "event waits" : "event will be retried");
      return;
    }
    const { exchange, routingKey } = queue.deadLetter;
    await publish({ exchange, routingKey, content, properties }, log, gone);
    metrics.deadLettered.inc({ consumer_job: job, reason: verdict.reason });
    log.error({ reason: verdict.reason, error: verdict.headers[header.errorMessage] }, "event dead-lettered");
  };
}

export type Forward = ReturnType<typeof createForwarder>;
