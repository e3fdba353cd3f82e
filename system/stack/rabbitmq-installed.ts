import { findExecutable, firstExecutable } from "./find-executable.ts";
import type { RabbitMqInstallation } from "./rabbitmq-node.ts";

/** Debian's /usr/sbin/rabbitmq-server refuses normal users and switches root to another one; this is what it wraps. */
const debian = "/usr/lib/rabbitmq/bin/rabbitmq-server";
const homebrew = ["/opt/homebrew/sbin/rabbitmq-server", "/usr/local/sbin/rabbitmq-server"];

/** The RabbitMQ that is installed on this machine, as a program; its service is left alone. */
export function findInstalledRabbitMq(): RabbitMqInstallation | undefined {
  const server = firstExecutable([debian]) ??
    findExecutable("rabbitmq-server") ?? firstExecutable(homebrew);
  const epmd = findExecutable("epmd") ??
    firstExecutable(["/opt/homebrew/bin/epmd", "/usr/local/bin/epmd"]);
  if (!server || !epmd) return undefined;
  return { origin: `installed: ${server}`, server, epmd };
}
