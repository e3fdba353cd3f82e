import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { RabbitMq, RabbitMqOptions } from "./rabbitmq.ts";
import { findInstalledRabbitMq } from "./rabbitmq-installed.ts";
import { callManagement } from "./rabbitmq-management.ts";
import { nodeName, startEpmd, startRabbitMqNode } from "./rabbitmq-node.ts";
import { unpackRabbitMq } from "./rabbitmq-unpacked.ts";
import { stopOrphan } from "./server-process.ts";
import { StackError } from "./stack-error.ts";
import { waitFor } from "./wait-for.ts";

const names = ["rabbit-1", "rabbit-2", "rabbit-3"] as const;

/** One that goes on without one of its nodes. `amqpUrl` is every node's address, comma-separated. */
export interface RabbitMqCluster extends Omit<RabbitMq, "kill"> {
  managementUrl: string;
  /** At once, as a power cut would. */
  kill(index: number): Promise<void>;
  /** Starts a node that was killed, on the data that it left. */
  restart(index: number): Promise<void>;
}

/** Starts three nodes that form a cluster, on this machine and private like a single node. */
export async function startRabbitMqCluster(options: RabbitMqOptions, via?: string): Promise<RabbitMqCluster> {
  const { memory, folder } = options;
  const found = via === "unpacked" ? undefined : findInstalledRabbitMq();
  const installed = found ?? await unpackRabbitMq(options);
  if (!installed) throw new StackError("RabbitMQ: a cluster needs it installed; apt-get install rabbitmq-server");
  mkdirSync(folder, { recursive: true });
  await stopOrphan(join(folder, "epmd.pid"));
  const epmdPort = await memory.port("cluster.epmd");
  const epmd = await startEpmd(installed, folder, epmdPort);

  const start = (name: string) =>
    startRabbitMqNode(installed, {
      ...options,
      folder: join(folder, name),
      configuration: peers + (options.configuration ?? ""),
      member: { name, epmdPort, cookie: memory.password("cookie") },
    });
  const nodes: RabbitMq[] = [];
  const stop = async () => {
    await Promise.all(nodes.map((node) => node.stop()));
    await epmd.stop("SIGTERM");
  };
  try {
    const started = await Promise.allSettled(names.map(start));
    for (const result of started) if (result.status === "fulfilled") nodes.push(result.value);
    for (const result of started) if (result.status === "rejected") throw result.reason;
    await waitUntilComplete(nodes[0]!.managementUrl!, options.signal);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    origin: `three nodes, ${installed.origin}`,
    amqpUrl: nodes.map(({ amqpUrl }) => amqpUrl).join(),
    amqpsUrl: options.certificates && nodes.map(({ amqpsUrl }) => amqpsUrl).join(),
    managementUrl: nodes[0]!.managementUrl!,
    died: epmd.died,
    async kill(index) {
      await nodes[index]!.kill();
    },
    async restart(index) {
      nodes[index] = await start(names[index]!);
    },
    stop,
  };
}

const peers = `cluster_formation.peer_discovery_backend = classic_config
${names.map((name, index) => `cluster_formation.classic_config.nodes.${index + 1} = ${nodeName(name)}`).join("\n")}
cluster_partition_handling = pause_minority
`;

export async function waitUntilComplete(managementUrl: string, signal?: AbortSignal): Promise<void> {
  const running = async () => {
    const nodes = await callManagement(managementUrl, "GET", "/api/nodes") as { running: boolean }[];
    return nodes.filter((node) => node.running).length === names.length;
  };
  await waitFor("the cluster to be complete", running, { timeoutMs: 90_000, intervalMs: 500, signal });
}
