import { setTimeout as delay } from "node:timers/promises";
import { Buffer } from "node:buffer";
import { type ChannelModel, connect, type ConsumeMessage } from "amqplib";
import { ServiceFailed } from "./service-failed.ts";

/** A message as it came from RabbitMQ: its bytes, what the broker says of it, and its properties. */
export interface WireMessage {
  content: Buffer;
  exchange: string;
  routingKey: string;
  properties: ConsumeMessage["properties"];
}

export interface Capture {
  /** Waits for the event of an aggregate that is not older than the call for it. */
  take(eventName: string, aggregateId: string, aggregateVersion?: number): Promise<WireMessage>;
  /** All that came through the broker, in order. */
  messages: ReadonlySet<WireMessage>;
  /** Waits until everything that the broker has taken so far is in `messages`. */
  flush(): Promise<void>;
  /** Gets nothing while `body` runs: no queue is bound to the exchange. */
  unbound<T>(body: () => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

const WAIT_MS = 10_000;
/** Once a message is missing something is broken: the next one is waited for no longer than this, */
const WAIT_WHEN_BROKEN_MS = 500;
/** and half as long for each that is missing in a row, down to this. */
const LEAST_WAIT_MS = 100;

/** Binds a queue of its own to everything that the exchange routes; the producer is no party to it. */
export async function startCapture(amqpUrl: string, exchange: string): Promise<Capture> {
  const connection = await connect(amqpUrl);
  await exchangeExists(connection, exchange);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, exchange, "#");

  const messages = new Set<WireMessage>();
  const untaken: WireMessage[] = [];
  let arrived = () => {};
  let flushed = () => {};
  let waitMs = WAIT_MS;
  await channel.consume(queue, (delivery) => {
    if (!delivery) return;
    const { content, fields, properties } = delivery;
    if (fields.exchange === "") return flushed(); // no producer's message, but that of flush
    const message = { content, exchange: fields.exchange, routingKey: fields.routingKey, properties };
    messages.add(message);
    untaken.push(message);
    arrived();
  }, { noAck: true });

  return {
    async take(eventName, aggregateId, aggregateVersion) {
      const deadline = Date.now() + waitMs;
      while (true) {
        const found = untaken.findIndex((message) => isEvent(message, { eventName, aggregateId, aggregateVersion }));
        if (found >= 0) {
          if (waitMs < WAIT_MS) waitMs = WAIT_WHEN_BROKEN_MS;
          return untaken.splice(found, 1)[0] as WireMessage;
        }
        const left = deadline - Date.now();
        if (left <= 0) {
          const waited = waitMs / 1000;
          waitMs = Math.max(LEAST_WAIT_MS, Math.min(WAIT_WHEN_BROKEN_MS, waitMs / 2));
          throw new ServiceFailed(`no ${eventName} of ${aggregateId} reached ${exchange} in ${waited} s`);
        }
        await Promise.race([new Promise<void>((resolve) => arrived = resolve), delay(left, undefined, { ref: false })]);
      }
    },
    messages,
    async flush() {
      const reached = new Promise<true>((resolve) => flushed = () => resolve(true));
      channel.sendToQueue(queue, Buffer.alloc(0));
      if (!await Promise.race([reached, delay(WAIT_MS, undefined, { ref: false })])) {
        throw new Error(`${queue} gave back nothing in ${WAIT_MS} ms`);
      }
    },
    async unbound(body) {
      await channel.unbindQueue(queue, exchange, "#");
      try {
        return await body();
      } finally {
        await channel.bindQueue(queue, exchange, "#");
      }
    },
    close: () => connection.close(),
  };
}

function isEvent(
  { content }: WireMessage,
  { eventName, aggregateId, aggregateVersion }: {
    eventName: string;
    aggregateId: string;
    aggregateVersion?: number | undefined;
  },
): boolean {
  try {
    const body = JSON.parse(content.toString());
    return body.aggregateId === aggregateId && body.eventName === eventName &&
      (aggregateVersion === undefined || body.aggregateVersion === aggregateVersion);
  } catch {
    return false;
  }
}

/** The producer declares it once it is connected. A passive declare of a missing one closes the channel. */
async function exchangeExists(connection: ChannelModel, exchange: string): Promise<void> {
  const deadline = Date.now() + WAIT_MS;
  while (true) {
    const channel = await connection.createChannel();
    channel.on("error", () => {});
    try {
      await channel.checkExchange(exchange);
      await channel.close();
      return;
    } catch (cause) {
      if (Date.now() > deadline) throw new ServiceFailed(`the producer declared no exchange ${exchange}`, { cause });
      await delay(100);
    }
  }
}
