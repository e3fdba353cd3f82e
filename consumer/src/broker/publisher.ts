import { randomUUID } from "node:crypto";
import type { Buffer } from "node:buffer";
import type { ChannelModel, ConfirmChannel, Message, Options } from "amqplib";
import type { BrokerConnection } from "./connection.ts";
import { surelyEncodable } from "./headers.ts";

export interface Publication {
  exchange: string;
  routingKey: string;
  content: Buffer;
  properties: Options.Publish;
}

export interface Publisher {
  /** Resolves when the broker has the message safely in a queue; rejects on nack, return, timeout or a lost channel. */
  publish(publication: Publication): Promise<void>;
}

/** Names this one publication, so that a returned message is told apart from its repetitions. */
const publicationHeader = "x-publication";

/** Publishes persistent and mandatory, each with a confirm that must come within `confirmTimeoutMs`. */
export function createPublisher(connection: BrokerConnection, confirmTimeoutMs: number): Publisher {
  const returned = new Set<string>();
  let open: { model: ChannelModel; channel: Promise<ConfirmChannel> } | undefined;

  async function openChannel(model: ChannelModel): Promise<ConfirmChannel> {
    const channel = await model.createConfirmChannel();
    channel.on("error", () => {});
    channel.on("close", () => {
      if (open?.model === model) open = undefined;
    });
    channel.on("return", (message: Message) => returned.add(message.properties.headers?.[publicationHeader]));
    return channel;
  }

  function channelOf(model: ChannelModel): Promise<ConfirmChannel> {
    if (open?.model === model) return open.channel;
    const channel = openChannel(model);
    open = { model, channel };
    channel.catch(() => {
      if (open?.channel === channel) open = undefined;
    });
    return channel;
  }

  /** The broker says so when a publication meets an alarm (memory, disk), and says when it is over. */
  const isBlocked = (model: ChannelModel) => (model.connection as { blocked?: boolean }).blocked === true;

  async function send({ exchange, routingKey, content, properties }: Publication, signal: AbortSignal): Promise<void> {
    const model = await connection.current(signal);
    const channel = await channelOf(model);
    signal.throwIfAborted();
    // What is published now would wait in the socket, and be published again by whoever gives it up.
    if (isBlocked(model)) throw new Error("the broker takes no messages");
    const id = randomUUID();
    await new Promise<void>((resolve, reject) => {
      signal.addEventListener("abort", () => {
        // The broker may have forgotten this connection: a new one comes sooner than a late confirm.
        model.close().catch(() => {});
        if (open?.model === model) open = undefined;
        reject(signal.reason);
      });
      const publishWith = ({ headers, ...others }: Options.Publish) => {
        const options = {
          ...others,
          persistent: true,
          mandatory: true,
          headers: { ...headers, [publicationHeader]: id },
        };
        channel.publish(exchange, routingKey, content, options, (error) => {
          if (error) reject(error);
          else if (returned.delete(id)) reject(new Error("no queue is bound"));
          else resolve();
        });
      };
      try {
        publishWith(properties);
      } catch {
        // Nothing is sent yet. Either the channel is closed, which throws again, or it cannot be encoded, and never will.
        publishWith(surelyEncodable(properties));
      }
    });
  }

  return {
    async publish(publication) {
      const timeout = new AbortController();
      // A blocked connection is kept: a new one would be blocked as well, and this one stays open at the broker.
      const expire = () => {
        if (open && isBlocked(open.model)) return;
        clearInterval(timer);
        timeout.abort(new Error(`no confirm within ${confirmTimeoutMs} ms`));
      };
      const timer = setInterval(expire, confirmTimeoutMs);
      const late = new Promise<never>((_, reject) => {
        timeout.signal.addEventListener("abort", () => reject(timeout.signal.reason));
      });
      try {
        await Promise.race([send(publication, timeout.signal), late]);
      } catch (cause) {
        const { exchange, routingKey } = publication;
        const reason = cause instanceof Error ? cause.message : String(cause);
        throw new Error(`Publishing to ${exchange} with ${routingKey} failed: ${reason}`, { cause });
      } finally {
        clearInterval(timer);
      }
    },
  };
}
