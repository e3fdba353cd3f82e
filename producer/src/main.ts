import process from "node:process";
import { serve } from "@hono/node-server";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { connectBroker } from "./amqp/connection.ts";
import { configure } from "./config.ts";
import { newId } from "./domain/new-id.ts";
import { createApp } from "./http/app.ts";
import { createAuthenticate } from "./http/authenticate.ts";
import { createHealth } from "./http/health.ts";
import { createCommandPath } from "./postgres/command-path.ts";
import { connectDatabase, type Sql } from "./postgres/database.ts";
import { takeLeadership } from "./postgres/leadership.ts";
import { migrate } from "./postgres/migrate.ts";
import { readOutboxState } from "./postgres/outbox-store.ts";
import { createProbe } from "./probe.ts";
import { createRelay } from "./relay.ts";
import { startRelayLoop } from "./relay-loop.ts";
import { createLog, type Log } from "./telemetry/log.ts";
import { createMetrics } from "./telemetry/metrics.ts";

const config = configure();
const log = createLog(config.LOG_LEVEL);
const now = () => new Date();

/** Undone in reverse order. */
const releases: (() => Promise<void>)[] = [];

const sql = connectDatabase(config.DATABASE_URL);
releases.push(() => sql.end({ timeout: 5 }));
await migrateWhenReachable(sql, log);

const metrics = createMetrics({ outboxState: () => readOutboxState(sql) });
const broker = connectBroker({
  urls: config.AMQP_URL,
  confirmTimeoutMs: config.RELAY_CONFIRM_TIMEOUT_MS,
  log,
  onReady: () => relayLoop.wake(),
});
releases.push(() => broker.close());

const relayLoop = startRelayLoop({
  relay: createRelay({
    publisher: broker.publisher,
    renewConnection: broker.renew,
    batchSize: config.RELAY_BATCH_SIZE,
    probe: createProbe({ firstMs: 1_000, longestMs: 30_000, largest: config.RELAY_BATCH_SIZE, random: Math.random }),
    nowMs: Date.now,
    metrics,
    log,
  }),
  takeLeadership: () => takeLeadership(config.DATABASE_URL),
  onLeader: (isLeader) => metrics.leader.set(isLeader ? 1 : 0),
  pollMs: config.RELAY_POLL_MS,
  log,
});
releases.push(() => relayLoop.stop());

const commandPath = createCommandPath({ sql, newEventId: () => newId(now()), onCommitted: relayLoop.wake });
const health = createHealth({ sql, isBrokerUp: () => broker.publisher() !== undefined });
const app = createApp({
  sql,
  commandPath,
  now,
  newAppointmentId: () => newId(now()),
  authenticate: createAuthenticate({ apiKeys: config.API_KEYS }),
  health,
  metrics,
  log,
});

const server = serve({ fetch: app.fetch, hostname: config.HOST, port: config.PORT }, ({ port }: AddressInfo) => {
  log.info({ host: config.HOST, port }, "listening");
});
server.on("error", (error) => {
  log.fatal({ err: { message: error.message } }, "can't listen");
  process.exit(1);
});
releases.push(() => new Promise((resolve) => server.close(() => resolve())));

process.once("SIGTERM", () => void shutDown("SIGTERM"));
process.once("SIGINT", () => void shutDown("SIGINT"));

async function shutDown(signal: string): Promise<void> {
  log.info({ signal }, "shutting down");
  health.drain();
  setTimeout(() => {
    log.error("shutting down took too long; events that are left stay in the outbox");
    process.exit(1);
  }, config.SHUTDOWN_TIMEOUT_MS).unref();
  for (const release of releases.reverse()) await release();
  log.info("stopped");
  process.exit(0);
}

async function migrateWhenReachable(sql: Sql, log: Log): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      for (const name of await migrate(sql)) log.info({ migration: name }, "migrated");
      return;
    } catch (error) {
      if (!isUnreachable(error)) throw error;
      log.warn({ err: { message: (error as Error).message }, attempt }, "waiting for PostgreSQL");
      await delay(Math.min(250 * 2 ** attempt, 5_000));
    }
  }
}

/** 57P03: the database system is starting up. */
function isUnreachable(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  return ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "CONNECT_TIMEOUT", "CONNECTION_CLOSED", "57P03"]
    .includes(code);
}
