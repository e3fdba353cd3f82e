import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import { localFiles } from "../../local-files.ts";
import { createMemory } from "../../stack/memory.ts";
import { findInstalledRabbitMq } from "../../stack/rabbitmq-installed.ts";
import { nodeName, startRabbitMqNode } from "../../stack/rabbitmq-node.ts";
import { unpackRabbitMq } from "../../stack/rabbitmq-unpacked.ts";

/** A RabbitMQ of the test's own, for what would disturb others: alarms, and its death. */
export async function startOwnBroker(folder: string) {
  const file = join(folder, "memory.json");
  const memory = createMemory(file);
  const options = { folder: join(folder, "rabbitmq"), cacheFolder: localFiles.cache, memory, report: () => {} };
  const installed = findInstalledRabbitMq() ?? (await unpackRabbitMq(options))!;
  const broker = await startRabbitMqNode(installed, options);
  // As the node was given them: asked for again, the memory would choose others, since these are taken.
  const { ports } = JSON.parse(readFileSync(file, "utf8")) as { ports: Record<string, number> };
  const { binaries = [], libraries = [] } = installed;
  const env = {
    HOME: options.folder,
    PATH: [...binaries, process.env.PATH].join(":"),
    LD_LIBRARY_PATH: libraries.join(":"),
    ERL_EPMD_PORT: String(ports.epmd),
  };
  const program = join(dirname(installed.server), "rabbitmqctl");
  return {
    ...broker,
    managementUrl: broker.managementUrl!,
    prometheusPort: ports.rabbitmqPrometheus!,
    /** Runs rabbitmqctl. */
    control: (...args: string[]) =>
      promisify(execFile)(program, ["-n", nodeName(), ...args], { env, timeout: 120_000 }),
  };
}
