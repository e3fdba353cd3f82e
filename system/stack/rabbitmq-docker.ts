import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync } from "node:fs";
import process from "node:process";
import { promisify } from "node:util";
import { type RabbitMq, type RabbitMqOptions, rabbitMqUser } from "./rabbitmq.ts";
import { waitUntilRabbitMqAnswers } from "./rabbitmq-ready.ts";
import { findExecutable } from "./find-executable.ts";
import { UnusableError } from "./stack-error.ts";

const run = promisify(execFile);

/** The one of docker-compose.yml. */
const image = process.env.RABBITMQ_IMAGE ?? "rabbitmq:4-management";

/** A container with a volume of its own, both named after the folder: the next start in that folder finds them again. */
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
  const name = `appointments-${createHash("sha256").update(options.folder).digest("hex").slice(0, 12)}`;
  const remove = () => run("docker", ["rm", "--force", name]);
  const forget = () => run("docker", ["volume", "rm", "--force", name]);
  // A container is there when our predecessor was killed; a volume without our folder is from before `--fresh`.
  await remove();
  if (!existsSync(options.folder)) await forget();
  mkdirSync(options.folder, { recursive: true });

  options.report(`starting a container of ${image}`);
  try {
    await run("docker", [
      ...["run", "--detach", "--name", name],
      // RabbitMQ finds its data by its host's name.
      ...["--hostname", "appointments", "--volume", `${name}:/var/lib/rabbitmq`],
      ...["--publish", `127.0.0.1:${ports.amqp}:5672`, "--publish", `127.0.0.1:${ports.management}:15672`],
      ...["--env", `RABBITMQ_DEFAULT_USER=${rabbitMqUser}`, "--env", `RABBITMQ_DEFAULT_PASS=${password}`],
      image,
    ]);
  } catch (cause) {
    const reason = (cause as { stderr?: string }).stderr?.trim().split("\n").at(-1);
    await remove().catch(() => {});
    throw new UnusableError(
      `Docker could not run ${image} (${reason}); check the network with: docker pull ${image}`,
      { cause },
    );
  }
  const amqpUrl = `amqp://${rabbitMqUser}:${password}@127.0.0.1:${ports.amqp}`;
  const managementUrl = `http://${rabbitMqUser}:${password}@127.0.0.1:${ports.management}`;
  const died = run("docker", ["wait", name]).then((): never => {
    throw new UnusableError(`the container ${name} of RabbitMQ ended; look with: docker logs ${name}`);
  });
  died.catch(() => {});
  try {
    const log = `the output of: docker logs ${name}`;
    await Promise.race([died, waitUntilRabbitMqAnswers(amqpUrl, managementUrl, log, options.signal)]);
  } catch (error) {
    await remove();
    throw error;
  }
  return {
    origin: `container of ${image}`,
    amqpUrl,
    managementUrl,
    died,
    async stop() {
      await run("docker", ["stop", "--time", "30", name]);
      await remove();
    },
    async kill() {
      await remove();
      await forget();
    },
  };
}
