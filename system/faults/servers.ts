import { join } from "node:path";
import process from "node:process";
import { createMemory } from "../stack/memory.ts";
import { livingHolder } from "../stack/pid-file.ts";
import { type PostgresServer, startPostgres } from "../stack/postgres.ts";
import type { Releases } from "../stack/releases.ts";
import { waitFor } from "../stack/wait-for.ts";
import { startOwnBroker } from "../tests/support/own-broker.ts";
import { createPrivateDatabases, type PrivateDatabases } from "../tests/support/private-databases.ts";
import { processTree, signalTree } from "./process-tree.ts";

export type Broker = Awaited<ReturnType<typeof startOwnBroker>>;
export type ServerName = "rabbitmq" | "postgres";

/** A RabbitMQ and a PostgreSQL of the run's own, which may be killed, and come back with their data at their addresses. */
export interface Servers {
  broker(): Broker;
  /** Of PostgreSQL's superuser. */
  adminUrl: string;
  createDatabases(releases: Releases): Promise<PrivateDatabases>;
  pid(name: ServerName): number;
  /** As a power cut would, then starts it again. */
  killAndStart(name: ServerName): Promise<void>;
}

export async function startServers(folder: string, releases: Releases): Promise<Servers> {
  const memory = createMemory(join(folder, "postgres-memory.json"));
  const options = {
    folder: join(folder, "postgres"),
    port: await memory.port("postgres"),
    password: memory.password("postgres"),
    durable: true,
  };
  let postgres: PostgresServer = await startPostgres(options);
  releases.add("PostgreSQL", () => postgres.stop());
  const brokerFolder = join(folder, "broker");
  let broker = await startOwnBroker(brokerFolder);
  releases.add("RabbitMQ", () => broker.kill());
  const { adminUrl } = postgres;

  function pid(name: ServerName): number {
    const file = name === "postgres"
      ? join(options.folder, "postgres.pid")
      : join(brokerFolder, "rabbitmq/rabbitmq.pid");
    const found = livingHolder(file);
    if (found === undefined) throw new Error(`${name} does not run`);
    return found;
  }

  return {
    broker: () => broker,
    adminUrl,
    createDatabases: (releases) => createPrivateDatabases(releases, adminUrl),
    pid,
    async killAndStart(name) {
      if (name === "rabbitmq") {
        await broker.kill();
        broker = await startOwnBroker(brokerFolder);
        return;
      }
      const main = pid("postgres");
      const all = processTree(main);
      signalTree(main, "SIGKILL");
      await waitFor("PostgreSQL to be gone", () => !all.some(isAlive), {
        timeoutMs: 30_000,
      });
      postgres = await startPostgres(options);
    },
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
