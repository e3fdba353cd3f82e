import { connect } from "amqplib";
import { setTimeout as delay } from "node:timers/promises";
import type { PrivateServers } from "./private-servers.ts";
import type { WireViolation } from "./wire-violations.ts";

/** What the broker says of a message that somebody gave it, before any queue: BCC is gone from what a queue gets. */
export interface Publication {
  exchange: string;
  /** The one it was published with, and those that CC and BCC add. */
  routingKeys: string[];
  messageId: string;
}

export interface Publications {
  /** Waits until there are so many that went to the exchange, for a while. */
  of(exchange: string, atLeast: number): Promise<Publication[]>;
  close(): Promise<void>;
}

const WAIT_MS = 5_000;

/** Turns RabbitMQ's firehose on (https://www.rabbitmq.com/docs/firehose): a copy of each publication in the virtual host. */
export async function recordPublications({ amqpUrl, manage }: PrivateServers): Promise<Publications> {
  await manage("PUT", "/api/vhosts/{vhost}", { tracing: true });
  const connection = await connect(amqpUrl);
  const channel = await connection.createChannel();
  const { queue } = await channel.assertQueue("", { exclusive: true });
  await channel.bindQueue(queue, "amq.rabbitmq.trace", "publish.#");
  const all: Publication[] = [];
  await channel.consume(queue, (delivery) => {
    const headers = delivery?.properties.headers ?? {};
    const exchange = String(headers.exchange_name);
    const routingKeys = (headers.routing_keys ?? []).map(String);
    // What the capture sends to its own queue, to see that all has come, is nobody's message.
    if (exchange === "" && routingKeys[0]?.startsWith("amq.gen-")) return;
    all.push({ exchange, routingKeys, messageId: String(headers.properties?.message_id) });
  }, { noAck: true });
  return {
    async of(exchange, atLeast) {
      const deadline = Date.now() + WAIT_MS;
      const count = () => all.filter((one) => one.exchange === exchange).length;
      while (count() < atLeast && Date.now() < deadline) await delay(50);
      return [...all];
    },
    close: () => connection.close(),
  };
}

/** A message has one key, and no message goes anywhere else. */
export function publicationViolations(publications: readonly Publication[], exchange: string): WireViolation[] {
  const reasons = publications.flatMap(({ exchange: other, routingKeys: [first, ...more] }) => {
    if (other !== exchange) {
      return [`a message is published to ${other || "the default exchange"} with the key ${first}`];
    }
    return more.length > 0 ? [`${first} is published with a copy (CC or BCC) to ${more.join(", ")}`] : [];
  });
  return [...new Set(reasons)].map((reason) => ({ pointer: "/operations", reason }));
}
