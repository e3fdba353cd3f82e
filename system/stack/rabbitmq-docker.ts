import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { promisify } from "node:util";
import { type RabbitMq, type RabbitMqOptions, rabbitMqUser } from "./rabbitmq.ts";
import { waitUntilRabbitMqAnswers } from "./rabbitmq-ready.ts";
import { findExecutable } from "./find-executable.ts";
import { StackError } from "./stack-error.ts";

const run = promisify(execFile);
const image = "rabbitmq:4.1-management";

/** A container of its own; its data are lost when it stops, its name and ports are not shared with any other. */
export async function startRabbitMqContainer(options: RabbitMqOptions): Promise<RabbitMq | undefined> {
  if (
    options.configuration || options.member ||
    !findExecutable("docker") ||
    !await run("docker", ["info"], { timeout: 5_000 }).catch(() => false)
  ) return undefined;
  const { memory } = options;
  const ports = {
    amqp: await memory.port("amqp"),
    management: await memory.port("rabbitmqManagement"),
  };
  const password = memory.password("rabbitmq");
  const name = `appointments-${randomUUID()}`;
  options.report(`starting a container of ${image}`);
  try {
    await run("docker", [
      ...["run", "--detach", "--rm", "--name", name],
      ...[
        "--publish",
        `127.0.0.1:${ports.amqp}:5672`,
        "--publish",
        `127.0.0.1:${ports.management}:15672`,
      ],
      ...[
        "--env",
        `RABBITMQ_DEFAULT_USER=${rabbitMqUser}`,
        "--env",
        `RABBITMQ_DEFAULT_PASS=${password}`,
      ],
      image,
    ]);
  } catch (cause) {
    const reason = (cause as { stderr?: string }).stderr?.trim().split("\n").at(-1);
    throw new StackError(
      `Docker could not run ${image} (${reason}); check the network with: docker pull ${image}`,
      {
        cause,
      },
    );
  }
  const stop = async () => void await run("docker", ["rm", "--force", "--volumes", name]);
  const amqpUrl = `amqp://${rabbitMqUser}:${password}@127.0.0.1:${ports.amqp}`;
  const managementUrl = `http://${rabbitMqUser}:${password}@127.0.0.1:${ports.management}`;
  try {
    await waitUntilRabbitMqAnswers(amqpUrl, managementUrl, options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  const died = run("docker", ["wait", name]).then((): never => {
    throw new StackError(
      `the container ${name} of RabbitMQ ended; look with: docker ps --all`,
    );
  });
  died.catch(() => {});
  return {
    origin: `container of ${image}`,
    amqpUrl,
    managementUrl,
    died,
    stop,
    kill: stop,
  };
}
