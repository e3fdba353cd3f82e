import process from "node:process";
import type { RabbitMq } from "./rabbitmq.ts";
import { tryConnect } from "./rabbitmq-ready.ts";
import { StackError } from "./stack-error.ts";

/** The RabbitMQ that AMQP_URL names; it is somebody else's to start and stop. */
export async function findGivenRabbitMq(): Promise<RabbitMq | undefined> {
  const amqpUrl = process.env.AMQP_URL;
  if (!amqpUrl) return undefined;
  try {
    await tryConnect(amqpUrl);
  } catch (cause) {
    throw new StackError(
      `AMQP_URL: no RabbitMQ answers there (${String(cause)}); start it, or unset AMQP_URL`,
      { cause },
    );
  }
  return {
    origin: "AMQP_URL",
    amqpUrl,
    managementUrl: process.env.RABBITMQ_MANAGEMENT_URL,
    died: new Promise<never>(() => {}),
    stop: () => Promise.resolve(),
    kill: () => Promise.resolve(),
  };
}
