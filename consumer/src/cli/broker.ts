import type { ChannelModel } from "amqplib";
import { requireBroker } from "../broker/broker-version.ts";
import { type BrokerConnection, keepConnected } from "../broker/connection.ts";
import { createPublisher, type Publisher } from "../broker/publisher.ts";
import { createLogger } from "../telemetry/logger.ts";
import type { CommandContext } from "./command.ts";

export interface Broker {
  publisher: Publisher;
  model(): Promise<ChannelModel>;
}

const connectTimeoutMs = 15_000;

/** Gives the task a connection to RabbitMQ and closes it afterwards; throws when none of the addresses gives one. */
export async function withBroker<Result>(
  { config, progress }: Pick<CommandContext, "config" | "progress">,
  task: (broker: Broker) => Promise<Result>,
): Promise<Result> {
  const { urls, tls } = config.amqp;
  let failures = 0;
  let everyAddressFailed = (_error: unknown) => {};
  const unreachable = new Promise<never>((_, reject) => (everyAddressFailed = reject));
  unreachable.catch(() => {});
  progress.show("connecting to RabbitMQ");
  const connection: BrokerConnection = keepConnected({
    urls,
    tls,
    name: "consumer: command line",
    log: createLogger("silent"),
    onOpen: (model) => Promise.resolve(requireBroker(model)),
    // A service waits for its broker; a person had better hear what is wrong. Once connected, the loss is waited out.
    onLoss(error) {
      failures += 1;
      if (failures === urls.length) everyAddressFailed(noConnection(error));
    },
  });
  const model = async () => {
    const timeout = AbortSignal.timeout(connectTimeoutMs);
    try {
      return await connection.current(timeout);
    } catch (cause) {
      if (!timeout.aborted) throw cause;
      throw noConnection(new Error(`none within ${connectTimeoutMs} ms`, { cause }));
    }
  };
  try {
    await Promise.race([model(), unreachable]);
    return await task({ publisher: createPublisher(connection, config.delivery.confirmTimeoutMs), model });
  } finally {
    await connection.close();
  }
}

function noConnection(cause: unknown): Error {
  return new Error(`No connection to RabbitMQ: ${cause instanceof Error ? cause.message : cause}`, { cause });
}
