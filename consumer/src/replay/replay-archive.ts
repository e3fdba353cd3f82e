import { Buffer } from "node:buffer";
import { setTimeout as sleep } from "node:timers/promises";
import type { Channel, ChannelModel } from "amqplib";
import { publishAtLast } from "../broker/publish-at-last.ts";
import type { Publisher } from "../broker/publisher.ts";
import { onChannel } from "../broker/topology.ts";
import type { JobQueue } from "../generated/topology.ts";
import type { ArchivedEvent } from "./archive-client.ts";

export interface ArchiveReplayDependencies {
  model: ChannelModel;
  publisher: Publisher;
  queue: JobQueue;
  /** Called after each event that the queue has. */
  published(event: ArchivedEvent): void;
}

/** The part of the queue's limit that a replay fills, so that new events always find room. */
const share = 0.5;
const inFlight = 50;
const pauseMs = 200;

/** Publishes archived events to one job's queue, by the retry exchange, never filling more than half of the queue. */
export async function replayArchive(
  { model, publisher, queue, published }: ArchiveReplayDependencies,
  events: AsyncIterable<ArchivedEvent>,
): Promise<void> {
  // A replay that ends early leaves nothing behind that tries for ever.
  const stop = new AbortController();
  const window = Math.max(1, Math.floor(Number(queue.arguments["x-max-length"]) * share));

  async function publish(event: ArchivedEvent): Promise<void> {
    const { exchange, routingKey } = queue.retry;
    const properties = {
      contentType: "application/json",
      contentEncoding: "utf-8",
      messageId: event.eventId,
      type: event.eventName,
      headers: event.headers,
    };
    const publication = { exchange, routingKey, content: Buffer.from(event.body), properties };
    await publishAtLast(publisher, publication, stop.signal, () => {});
    published(event);
  }

  /** How many more the queue may get now. */
  async function room(channel: Channel): Promise<number> {
    for (;;) {
      const { messageCount } = await channel.checkQueue(queue.name);
      if (messageCount < window) return Math.min(window - messageCount, inFlight);
      await sleep(pauseMs);
    }
  }

  await onChannel(model, async (channel) => {
    let left = 0;
    let batch: Promise<void>[] = [];
    try {
      for await (const event of events) {
        if (left === 0) {
          await Promise.all(batch);
          batch = [];
          left = await room(channel);
        }
        batch.push(publish(event));
        left -= 1;
      }
      await Promise.all(batch);
    } finally {
      stop.abort();
      await Promise.allSettled(batch);
    }
  });
}
