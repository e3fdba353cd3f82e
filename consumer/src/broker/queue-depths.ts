import type { Channel } from "amqplib";
import type { BrokerConnection } from "./connection.ts";
import { type DeclaredQueue, queuesOf } from "./job-queues.ts";
import { codeOf, type Topology } from "./topology.ts";

export interface QueueDepth {
  job: string;
  queue: string;
  kind: DeclaredQueue["kind"];
  messages: number;
}

/** Asks the broker how many messages wait in each queue; a queue that is missing is left out. */
export function createQueueDepths(connection: BrokerConnection, topology: Topology) {
  return async function queueDepths(signal: AbortSignal): Promise<QueueDepth[]> {
    const model = await connection.current(signal);
    const depths: QueueDepth[] = [];
    let channel: Channel | undefined;
    for (const [job, jobQueue] of Object.entries(topology)) {
      for (const { name: queue, kind } of queuesOf(jobQueue)) {
        if (!channel) {
          channel = await model.createChannel();
          channel.on("error", () => {});
        }
        try {
          const { messageCount } = await channel.checkQueue(queue);
          depths.push({ job, queue, kind, messages: messageCount });
        } catch (error) {
          // The broker closes the channel on which one asks for a queue that is not there.
          if (codeOf(error) !== 404) throw error;
          channel = undefined;
        }
      }
    }
    await channel?.close();
    return depths;
  };
}
