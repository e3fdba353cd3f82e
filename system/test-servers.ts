import { randomUUID } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { localFiles } from "./local-files.ts";
import type { Session } from "./session.ts";
import { createTestRole } from "./stack/databases.ts";
import { createMemory } from "./stack/memory.ts";
import { claimPidFile, livingHolder } from "./stack/pid-file.ts";
import { startPostgres } from "./stack/postgres.ts";
import { stopOrphan } from "./stack/server-process.ts";
import { startRabbitMq } from "./stack/start-rabbitmq.ts";

/** Starts a PostgreSQL and a RabbitMQ for one command; returns the variables by which tests find them. */
export async function startTestServers(
  { report, releases, signal }: Session,
  { durable } = { durable: false },
): Promise<Record<string, string>> {
  await sweepAbandonedRuns();
  const folder = join(localFiles.runs, randomUUID().slice(0, 8));
  mkdirSync(folder, { recursive: true });
  claimPidFile(join(folder, "owner.pid"), process.pid);
  releases.add("the run's folder", () => rmSync(folder, { recursive: true, force: true }));
  const memory = createMemory(join(folder, "memory.json"));

  const postgres = await startPostgres({
    folder: join(folder, "postgres"),
    port: await memory.port("postgres"),
    password: memory.password("postgres"),
    durable,
    // The benchmark of the whole reads when effects were committed.
    settings: { track_commit_timestamp: "on" },
    signal,
  });
  releases.add("PostgreSQL", postgres.stop);
  const options = { folder: join(folder, "rabbitmq"), cacheFolder: localFiles.cache, memory, report, signal };
  const rabbitMq = await startRabbitMq(options, process.env.RABBITMQ_VIA);
  releases.add("RabbitMQ", rabbitMq.kill);
  return {
    TEST_DATABASE_URL: await createTestRole(postgres.adminUrl, memory.password("tests")),
    TEST_AMQP_URL: rabbitMq.amqpUrl,
    TEST_RABBITMQ_MANAGEMENT_URL: rabbitMq.managementUrl!,
  };
}

/** Stops and removes what runs left behind that were killed. */
async function sweepAbandonedRuns() {
  if (!existsSync(localFiles.runs)) return;
  for (const run of readdirSync(localFiles.runs)) {
    const folder = join(localFiles.runs, run);
    if (livingHolder(join(folder, "owner.pid")) !== undefined) continue;
    for (const file of ["postgres/postgres.pid", "rabbitmq/rabbitmq.pid", "rabbitmq/epmd.pid"]) {
      await stopOrphan(join(folder, file));
    }
    rmSync(folder, { recursive: true, force: true });
  }
}
