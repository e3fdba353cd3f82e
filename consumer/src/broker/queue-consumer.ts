import { setTimeout as sleep } from "node:timers/promises";
import type { ChannelModel, ConsumeMessage } from "amqplib";
import { aborted } from "../aborted.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";
import { createAcknowledgements } from "./acknowledgements.ts";
import { type BrokerConnection, reconnectDelay } from "./connection.ts";
import { identify } from "../delivery/identity.ts";

export interface QueueConsumerOptions {
  connection: BrokerConnection;
  queue: string;
  /** Messages that the broker hands over before the first is acknowledged. */
  prefetch: number;
  /** A longer body is not read, not even to say which event it holds. */
  maxMessageBytes: number;
  /** Resolves when the message's fate is durable: it is acknowledged then. `gone` is aborted with the channel. */
  handle(message: ConsumeMessage, gone: AbortSignal): Promise<void>;
  /** Puts the queue back before a channel is opened again: it may have been deleted. */
  restore(model: ChannelModel): Promise<void>;
  log: Logger;
}

export interface QueueConsumer {
  /** Consumes until `stop` is aborted, then finishes what it has been handed. */
  run(stop: AbortSignal): Promise<void>;
  isConsuming(): boolean;
}

/**
 * Keeps a consumer on a queue: the connection opens itself again, but a channel that the server closes and a consumer
 * that it cancels have to be opened again here. Whatever is not acknowledged by then, the broker delivers again.
 */
export function createQueueConsumer(options: QueueConsumerOptions): QueueConsumer {
  const { connection, queue, prefetch, maxMessageBytes, handle, restore, log } = options;
  let consuming = false;

  async function consume(model: ChannelModel, stop: AbortSignal): Promise<void> {
    const channel = await model.createChannel();
    const gone = new AbortController();
    const inFlight = new Set<Promise<void>>();
    const acknowledgements = createAcknowledgements(channel, (error) => gone.abort(error));
    channel.on("error", (error: Error) => gone.abort(error));
    channel.on("close", () => gone.abort(new Error("the channel was closed")));

    async function take(message: ConsumeMessage): Promise<void> {
      try {
        await handle(message, gone.signal);
        if (!gone.signal.aborted) acknowledgements.done(message);
      } catch (error) {
        if (gone.signal.aborted) return;
        const { eventKey: eventId, correlationId } = identify(message, maxMessageBytes);
        log.error(
          { queue, eventId, correlationId, error: errorText(error) },
          "delivery not acknowledged; the broker redelivers it",
        );
        gone.abort(error);
      }
    }

    await channel.prefetch(prefetch);
    const { consumerTag } = await channel.consume(queue, (message) => {
      if (!message) return gone.abort(new Error("the broker cancelled the consumer"));
      acknowledgements.taken(message);
      const taken = take(message).finally(() => inFlight.delete(taken));
      inFlight.add(taken);
    });
    consuming = true;
    try {
      await Promise.race([aborted(gone.signal), aborted(stop)]);
      if (!gone.signal.aborted) {
        await channel.cancel(consumerTag);
        await Promise.race([Promise.all(inFlight), aborted(gone.signal)]);
        if (!gone.signal.aborted) acknowledgements.flush();
      }
      gone.signal.throwIfAborted();
    } finally {
      consuming = false;
      await channel.close().catch(() => {});
    }
  }

  return {
    isConsuming: () => consuming,
    async run(stop) {
      for (let lost = 0; !stop.aborted; lost++) {
        try {
          const model = await connection.current(stop);
          if (lost > 0) await restore(model);
          await consume(model, stop);
        } catch (error) {
          if (stop.aborted) return;
          log.warn({ queue, error: errorText(error) }, "consuming failed, retrying");
          await sleep(reconnectDelay(0), undefined, { signal: stop }).catch(() => {});
        }
      }
    },
  };
}
