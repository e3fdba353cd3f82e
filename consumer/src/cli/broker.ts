import type { ChannelModel } from "amqplib";
import { requireBroker } from "../broker/broker-version.ts";
import { type BrokerConnection, keepConnected } from "../broker/connection.ts";
import { createPublisher, type Publisher } from "../broker/publisher.ts";
import type { Config } from "../config.ts";
import { createLogger } from "../telemetry/logger.ts";

export interface Broker {
  publisher: Publisher;
  model(): Promise<ChannelModel>;
}

const connectTimeoutMs = 15_000;

/** Gives the task a connection to RabbitMQ and closes it afterwards; throws when none comes up in time. */
export async function withBroker<Result>(config: Config, task: (broker: Broker) => Promise<Result>): Promise<Result> {
  const connection: BrokerConnection = keepConnected({
    urls: config.amqp.urls,
    tls: config.amqp.tls,
    name: "consumer: command line",
    log: createLogger("silent"),
    onOpen: (model) => Promise.resolve(requireBroker(model)),
  });
  const model = async () => {
    const timeout = AbortSignal.timeout(connectTimeoutMs);
    try {
      return await connection.current(timeout);
    } catch (cause) {
      if (!timeout.aborted) throw cause;
      throw new Error(`No connection to RabbitMQ within ${connectTimeoutMs} ms`, { cause });
    }
  };
  try {
    await model();
    return await task({ publisher: createPublisher(connection, config.delivery.confirmTimeoutMs), model });
  } finally {
    await connection.close();
  }
}
