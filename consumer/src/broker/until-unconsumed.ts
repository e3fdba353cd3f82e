import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelModel } from "amqplib";
import { codeOf, onChannel } from "./topology.ts";

const timeoutMs = 60_000;

/**
 * Waits until nobody consumes from the queue, or it is gone; throws when somebody goes on for a minute. A quorum queue
 * counts a consumer that has cancelled for as long as it holds a message that it has not acknowledged.
 */
export async function untilUnconsumed(model: ChannelModel, queue: string): Promise<void> {
  for (const started = performance.now();;) {
    const consumers = await countConsumers(model, queue);
    if (consumers === 0) return;
    if (performance.now() - started > timeoutMs) {
      throw new Error(`${queue} still has ${consumers} consumers: they do not see the pause; stop them first`);
    }
    await sleep(250);
  }
}

async function countConsumers(model: ChannelModel, queue: string): Promise<number> {
  try {
    return (await onChannel(model, (channel) => channel.checkQueue(queue))).consumerCount;
  } catch (error) {
    if (codeOf(error) === 404) return 0;
    throw error;
  }
}
