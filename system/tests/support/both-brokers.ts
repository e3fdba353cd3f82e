import type { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type ChannelModel, connect } from "amqplib";
import { openConnection } from "../../simulation/model/amqp-client.ts";
import { createBroker } from "../../simulation/model/broker.ts";
import { simulated } from "./simulated.ts";

export const exchange = "appointments.ex";

interface Servers {
  connect(): Promise<ChannelModel>;
  /** A quorum queue of the source exchange that refuses what is more than its length. */
  declare(name: string, pattern: string, maxLength?: number): Promise<void>;
  /** Whose messages come to `target` by the default time. */
  declareRetry(name: string, target: string, ttlMs: number): Promise<void>;
  /** As a network that breaks. */
  cut(connection: ChannelModel): void;
}

/** A scenario says what it saw; the model and RabbitMQ have to show it the same. */
export type Scenario = (servers: Servers) => Promise<unknown>;

export async function inRabbitMQ(amqpUrl: string, scenario: Scenario): Promise<unknown> {
  const connections: ChannelModel[] = [];
  const open = async () => {
    const connection = await connect(amqpUrl);
    connection.on("error", () => {});
    connections.push(connection);
    return connection;
  };
  const admin = await (await open()).createChannel();
  await admin.assertExchange(exchange, "topic");
  await admin.assertExchange("apt.retry.ex", "direct");
  const quorum = { "x-queue-type": "quorum", "x-overflow": "reject-publish" };
  try {
    return await scenario({
      connect: open,
      async declare(name, pattern, maxLength) {
        const limit = maxLength === undefined ? {} : { "x-max-length": maxLength };
        await admin.assertQueue(name, { arguments: { ...quorum, ...limit } });
        await admin.bindQueue(name, exchange, pattern);
      },
      async declareRetry(name, target, ttlMs) {
        const back = { "x-dead-letter-exchange": "apt.retry.ex", "x-dead-letter-routing-key": target };
        const strategy = { "x-dead-letter-strategy": "at-least-once" };
        await admin.assertQueue(name, { arguments: { ...quorum, ...back, ...strategy, "x-message-ttl": ttlMs } });
        await admin.bindQueue(name, "apt.retry.ex", name);
        await admin.bindQueue(target, "apt.retry.ex", target);
      },
      cut: (connection) => (connection.connection as unknown as { stream: Socket }).stream.destroy(new Error("cut")),
    });
  } finally {
    await Promise.all(
      connections.map((connection) => Promise.race([connection.close().catch(() => {}), sleep(1_000)])),
    );
  }
}

export const inModel = (scenario: Scenario) =>
  simulated((scheduler) => {
    const broker = createBroker(scheduler, { enqueued() {}, acknowledged() {} });
    const owner = { name: "scenario", alive: true, stoppedUntil: 0 };
    return scenario({
      connect: () => Promise.resolve(openConnection(scheduler, broker, owner) as unknown as ChannelModel),
      declare(name, pattern, maxLength) {
        broker.declareQueue(name, maxLength === undefined ? {} : { maxLength });
        broker.bind(name, exchange, pattern);
        return Promise.resolve();
      },
      declareRetry(name, target, ttlMs) {
        broker.declareQueue(name, { ttlMs, deadLetterTo: { exchange: "apt.retry.ex", routingKey: target } });
        broker.bind(name, "apt.retry.ex", name);
        broker.bind(target, "apt.retry.ex", target);
        return Promise.resolve();
      },
      cut: (connection) => (connection as unknown as { lose(): void }).lose(),
    });
  });
