import amqp from "amqplib";
import type { ChannelModel, ConsumeMessage, Options } from "amqplib";
import { randomBytes } from "node:crypto";
import process from "node:process";
import { exchange } from "../src/generated/topology.ts";

export type Subscriber = { queue: string; received: ConsumeMessage[] };

export type PrivateVhost = {
  url: string;
  /** A queue that is bound to the exchange, and everything that came to it. */
  subscribe(pattern: string, options?: Options.AssertQueue): Promise<Subscriber>;
  /** A bound queue that nobody reads. */
  bindQueue(pattern: string, options: Options.AssertQueue): Promise<string>;
  read(queue: string): Promise<Subscriber>;
  drop(): Promise<void>;
};

/** A virtual host of its own for one test file. */
export async function createPrivateVhost(): Promise<PrivateVhost> {
  const management = new URL(process.env["TEST_RABBITMQ_MANAGEMENT_URL"] as string);
  const name = `producer_test_${randomBytes(6).toString("hex")}`;
  const url = new URL(process.env["TEST_AMQP_URL"] as string);
  url.pathname = `/${name}`;

  async function manage(method: string, path: string, body?: unknown): Promise<void> {
    const credentials = `${decodeURIComponent(management.username)}:${decodeURIComponent(management.password)}`;
    const response = await fetch(new URL(path, management.origin), {
      method,
      headers: { Authorization: `Basic ${btoa(credentials)}`, "Content-Type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}`);
  }

  await manage("PUT", `/api/vhosts/${name}`);
  await manage("PUT", `/api/permissions/${name}/${management.username}`, { configure: ".*", write: ".*", read: ".*" });
  const connection: ChannelModel = await amqp.connect(url.href);
  const channel = await connection.createChannel();
  await channel.assertExchange(exchange.name, exchange.type, exchange.options);

  async function bindQueue(pattern: string, options: Options.AssertQueue): Promise<string> {
    const { queue } = await channel.assertQueue(`test.${randomBytes(4).toString("hex")}`, options);
    await channel.bindQueue(queue, exchange.name, pattern);
    return queue;
  }

  async function read(queue: string): Promise<Subscriber> {
    const received: ConsumeMessage[] = [];
    await channel.consume(queue, (message) => {
      if (!message) return;
      received.push(message);
      channel.ack(message);
    });
    return { queue, received };
  }

  return {
    url: url.href,
    subscribe: async (pattern, options = { durable: true }) => await read(await bindQueue(pattern, options)),
    bindQueue,
    read,
    async drop() {
      await connection.close();
      await manage("DELETE", `/api/vhosts/${name}`);
    },
  };
}
