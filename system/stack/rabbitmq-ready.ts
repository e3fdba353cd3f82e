import { Buffer } from "node:buffer";
import { connect } from "amqplib";
import { UnusableError } from "./stack-error.ts";
import { waitFor } from "./wait-for.ts";

/** Resolves when both protocols answer; refuses a RabbitMQ that is too old. `log` is where its log is found. */
export async function waitUntilRabbitMqAnswers(
  amqpUrl: string,
  managementUrl: string,
  log: string,
  signal?: AbortSignal,
) {
  const options = { timeoutMs: 90_000, intervalMs: 200, remedy: `look at ${log}`, signal };
  const version = await waitFor("RabbitMQ's management to answer", () => rabbitMqVersion(managementUrl), options);
  await waitFor("RabbitMQ to accept connections", () => tryConnect(amqpUrl), options);
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major < 3 || (major === 3 && minor < 10)) {
    throw new UnusableError(
      `RabbitMQ ${version} is too old: its quorum queues lack a time to live; install 3.10 or newer`,
    );
  }
}

async function rabbitMqVersion(managementUrl: string): Promise<string> {
  const url = new URL("/api/overview", managementUrl);
  const authorization = `Basic ${
    Buffer.from(`${url.username}:${decodeURIComponent(url.password)}`).toString("base64")
  }`;
  url.username = url.password = "";
  const response = await fetch(url, {
    headers: { authorization },
    signal: AbortSignal.timeout(5_000),
  });
  if (!response.ok) throw new Error(`GET ${url} answered ${response.status}`);
  return (await response.json() as { rabbitmq_version: string })
    .rabbitmq_version;
}

export async function tryConnect(amqpUrl: string): Promise<true> {
  const connection = await connect(amqpUrl, { timeout: 5_000 });
  await connection.close();
  return true;
}
