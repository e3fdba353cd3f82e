import { join } from "node:path";
import process from "node:process";
import { localFiles } from "../local-files.ts";
import { createMemory } from "../stack/memory.ts";
import { livingHolder } from "../stack/pid-file.ts";
import { type PostgresServer, startPostgres } from "../stack/postgres.ts";
import type { Releases } from "../stack/releases.ts";
import { type RabbitMqCluster, startRabbitMqCluster } from "../stack/rabbitmq-cluster.ts";
import { waitFor } from "../stack/wait-for.ts";
import { startOwnBroker } from "../tests/support/own-broker.ts";
import { createPrivateDatabases, type PrivateDatabases } from "../tests/support/private-databases.ts";
import { processTree, signalTree } from "./process-tree.ts";

export type ServerName = "rabbitmq" | "postgres";

interface Broker {
  amqpUrl: string;
  managementUrl: string;
  /** Runs rabbitmqctl. */
  control(...args: string[]): Promise<unknown>;
}

/** A RabbitMQ and a PostgreSQL of the run's own, which may be killed, and come back with their data at their addresses. */
export interface Servers {
  broker(): Broker;
  /** In the place of the one RabbitMQ, where it was asked for. */
  cluster: RabbitMqCluster | undefined;
  /** Of PostgreSQL's superuser. */
  adminUrl: string;
  createDatabases(releases: Releases): Promise<PrivateDatabases>;
  pid(name: ServerName): number;
  /** As a power cut would, then starts it again. */
  killAndStart(name: ServerName): Promise<void>;
}

export async function startServers(folder: string, releases: Releases, kind: "one" | "cluster" = "one") {
  const postgres = await startOwnPostgres(join(folder, "postgres"), releases);
  const rabbitMq = await (kind === "one" ? startOne : startCluster)(join(folder, "broker"), releases);
  const servers: Servers = {
    broker: rabbitMq.broker,
    cluster: rabbitMq.cluster,
    adminUrl: postgres.adminUrl,
    createDatabases: (releases) => createPrivateDatabases(releases, postgres.adminUrl),
    pid(name) {
      const found = livingHolder(name === "postgres" ? postgres.pidFile : rabbitMq.pidFile);
      if (found === undefined) throw new Error(`${name} does not run`);
      return found;
    },
    killAndStart: (name) => name === "postgres" ? postgres.killAndStart() : rabbitMq.killAndStart(),
  };
  return servers;
}

async function startOwnPostgres(folder: string, releases: Releases) {
  const memory = createMemory(`${folder}.json`);
  const port = await memory.port("postgres");
  const options = { folder, port, password: memory.password("postgres"), durable: true };
  let server: PostgresServer = await startPostgres(options);
  releases.add("PostgreSQL", () => server.stop());
  const pidFile = join(folder, "postgres.pid");
  return {
    adminUrl: server.adminUrl,
    pidFile,
    async killAndStart() {
      const main = livingHolder(pidFile)!;
      const all = processTree(main);
      signalTree(main, "SIGKILL");
      await waitFor("PostgreSQL to be gone", () => !all.some(isAlive), { timeoutMs: 30_000 });
      server = await startPostgres(options);
    },
  };
}

interface OwnRabbitMq extends Pick<Servers, "broker" | "cluster"> {
  pidFile: string;
  killAndStart(): Promise<void>;
}

async function startOne(folder: string, releases: Releases): Promise<OwnRabbitMq> {
  let broker = await startOwnBroker(folder);
  releases.add("RabbitMQ", () => broker.kill());
  return {
    broker: () => broker,
    cluster: undefined,
    pidFile: join(folder, "rabbitmq/rabbitmq.pid"),
    async killAndStart() {
      await broker.kill();
      broker = await startOwnBroker(folder);
    },
  };
}

async function startCluster(folder: string, releases: Releases): Promise<OwnRabbitMq> {
  const memory = createMemory(`${folder}.json`);
  const options = { folder, cacheFolder: localFiles.cache, memory, report: () => {} };
  const cluster = await startRabbitMqCluster(options, process.env.RABBITMQ_VIA);
  releases.add("the cluster", cluster.stop);
  const notHere = () => Promise.reject(new Error("which node of the cluster?"));
  return {
    broker: () => ({ ...cluster, control: notHere }),
    cluster,
    pidFile: "",
    killAndStart: notHere,
  };
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
