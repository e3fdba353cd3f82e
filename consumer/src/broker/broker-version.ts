import type { ChannelModel } from "amqplib";
import { FatalBrokerError } from "./connection.ts";

/** Throws for what lacks TTL and at-least-once dead-lettering on quorum queues: RabbitMQ before 3.10. */
export function requireBroker(model: ChannelModel): void {
  const { product, version } = model.connection.serverProperties;
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (product === "RabbitMQ" && (major > 3 || (major === 3 && minor >= 10))) return;
  throw new FatalBrokerError(
    `The broker is ${product} ${version}; the retry and dead-letter queues need RabbitMQ 3.10 or newer`,
  );
}
