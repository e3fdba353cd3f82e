import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelModel } from "amqplib";
import { deadLetterExchange, type JobQueue, retryExchange, sourceExchange } from "../generated/topology.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import type { BrokerConnection } from "./connection.ts";
import { queuesOf } from "./job-queues.ts";
import { codeOf, declareTopology, onChannel } from "./topology.ts";

export interface TopologyWatchDependencies {
  connection: BrokerConnection;
  queues: readonly JobQueue[];
  everyMs: number;
  /** Told of each exchange or queue that was missing. */
  found(missing: string): void;
  log: Logger;
}

export interface TopologyWatch {
  /** What the last look found missing, or could not put back; the next one has to find everything. */
  missing(): readonly string[];
  run(stop: AbortSignal): Promise<void>;
}

const exchanges = [sourceExchange, deadLetterExchange, retryExchange].map(({ name }) => name);

/** Every exchange and queue, as the watch names it. */
export function topologyParts(queues: readonly JobQueue[]): string[] {
  return [
    ...exchanges.map((name) => `exchange ${name}`),
    ...queues.flatMap(queuesOf).map(({ name }) => `queue ${name}`),
  ];
}

/** A question for what is not there closes its channel, so each has one of its own from then on. */
async function findMissing(model: ChannelModel, parts: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (let next = 0; next < parts.length;) {
    try {
      await onChannel(model, async (channel) => {
        for (; next < parts.length; next++) {
          const [kind, name] = parts[next]!.split(" ") as [string, string];
          await (kind === "exchange" ? channel.checkExchange(name) : channel.checkQueue(name));
        }
      });
    } catch (error) {
      if (codeOf(error) !== 404) throw error;
      missing.push(parts[next++]!);
    }
  }
  return missing;
}

/**
 * Declares and binds everything again every so often: who deletes an exchange takes its bindings with it, and nobody
 * would put them back before the next connection. AMQP cannot ask for a binding; of one that was missing only the events
 * tell that the job missed (see the catch-up).
 */
export function createTopologyWatch({ connection, queues, everyMs, found, log }: TopologyWatchDependencies) {
  const parts = topologyParts(queues);
  let missing: readonly string[] = [];

  async function look(stop: AbortSignal): Promise<void> {
    const model = await connection.current(stop);
    const gone = await findMissing(model, parts);
    missing = gone;
    for (const part of gone) found(part);
    if (gone.length > 0) log.error({ missing: gone }, "topology was incomplete and is declared again");
    await declareTopology(model, queues);
  }

  const watch: TopologyWatch = {
    missing: () => missing,
    async run(stop) {
      while (!stop.aborted) {
        await sleep(everyMs, undefined, { signal: stop }).catch(() => {});
        if (stop.aborted) return;
        try {
          await look(stop);
        } catch (error) {
          if (stop.aborted || !connection.isOpen()) continue;
          if (missing.length === 0) missing = [errorText(error)];
          log.error({ error: errorText(error) }, "declaring the topology failed");
        }
      }
    },
  };
  return watch;
}
