import type { RabbitMq, RabbitMqOptions } from "./rabbitmq.ts";
import { startRabbitMqContainer } from "./rabbitmq-docker.ts";
import { findInstalledRabbitMq } from "./rabbitmq-installed.ts";
import { startRabbitMqNode } from "./rabbitmq-node.ts";
import { unpackRabbitMq } from "./rabbitmq-unpacked.ts";
import { StackError, UnusableError } from "./stack-error.ts";

type Way = (options: RabbitMqOptions) => Promise<RabbitMq | undefined>;

/** In the order in which they are tried; each gives undefined where this machine does not offer it. */
const ways: Record<string, Way> = {
  async installed(options) {
    const installation = findInstalledRabbitMq();
    return installation && await startRabbitMqNode(installation, options);
  },
  async unpacked(options) {
    const installation = await unpackRabbitMq(options);
    return installation && startRabbitMqNode(installation, options);
  },
  docker: startRabbitMqContainer,
};

/** Starts RabbitMQ in the first way that this machine offers, or in the one that is asked for. */
export async function startRabbitMq(options: RabbitMqOptions, via?: string): Promise<RabbitMq> {
  if (via && !ways[via]) {
    throw new StackError(
      `RABBITMQ_VIA=${via}: no such way; choose one of ${Object.keys(ways).join(", ")}`,
    );
  }
  const reasons: string[] = [];
  for (const [name, start] of Object.entries(ways)) {
    if (via && name !== via) continue;
    try {
      const rabbitMq = await start(options);
      if (rabbitMq) return rabbitMq;
      reasons.push(`${name}: not on this machine`);
    } catch (error) {
      if (!(error instanceof UnusableError)) throw error;
      reasons.push(`${name}: ${error.message}`);
    }
  }
  throw new StackError(
    `RabbitMQ: no way to get it works here (${reasons.join("; ")}); ` +
      "Debian, Ubuntu: apt-get install rabbitmq-server; macOS: brew install rabbitmq; " +
      "Windows: use WSL, or install Docker Desktop; or set AMQP_URL",
  );
}
