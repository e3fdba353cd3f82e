import process from "node:process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as delay } from "node:timers/promises";
import { connectBroker } from "./amqp/connection.ts";
import { configure, tokenIssuer } from "./config.ts";
import { newId } from "./domain/new-id.ts";
import { createApp } from "./http/app.ts";
import { createAuthenticate } from "./http/authenticate.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import { createRequestListener } from "./http/request-listener.ts";
import { createVerifyToken } from "./http/verify-token.ts";
import { createHealth } from "./http/health.ts";
import { createCommandPath } from "./postgres/command-path.ts";
import { connectDatabase, type Sql } from "./postgres/database.ts";
import { isUnavailable } from "./postgres/is-unavailable.ts";
import { takeLeadership } from "./postgres/leadership.ts";
import { migrate } from "./postgres/migrate.ts";
import { readOutboxState } from "./postgres/outbox-store.ts";
import { startPeriodically } from "./periodically.ts";
import { prune } from "./postgres/prune.ts";
import { surviveLostTypeQuery } from "./postgres/survive-lost-type-query.ts";
import { createProbe } from "./probe.ts";
import { createRelay } from "./relay.ts";
import { startRelayLoop } from "./relay-loop.ts";
import { createLog, type Log } from "./telemetry/log.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { createTracing, untraced } from "./telemetry/tracing.ts";
import { tlsOf } from "./tls.ts";

const config = configure();
const log = createLog(config.LOG_LEVEL);
surviveLostTypeQuery(log);
const now = () => new Date();

/** Undone in reverse order. */
const releases: (() => Promise<void>)[] = [];

const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
const flushTimeoutMs = Math.min(2_000, config.SHUTDOWN_TIMEOUT_MS / 4);
const tracing = endpoint ? createTracing({ endpoint, flushTimeoutMs, log }) : untraced;
releases.push(tracing.stop);

const databaseTls = tlsOf(config.DATABASE_CA_FILE, config.DATABASE_CERT_FILE, config.DATABASE_KEY_FILE);
const sql = connectDatabase(config.DATABASE_URL, { tls: databaseTls });
releases.push(() => sql.end({ timeout: 5 }));
await migrateWhenReachable(sql, log);

const metrics = createMetrics({ outboxState: () => readOutboxState(sql) });
const broker = connectBroker({
  urls: config.AMQP_URL,
  tls: tlsOf(config.AMQP_CA_FILE, config.AMQP_CERT_FILE, config.AMQP_KEY_FILE),
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
    tracer: tracing.tracer,
    log,
  }),
  takeLeadership: () => takeLeadership(config.DATABASE_URL, databaseTls),
  onLeader: (isLeader) => metrics.leader.set(isLeader ? 1 : 0),
  pollMs: config.RELAY_POLL_MS,
  log,
});
releases.push(() => relayLoop.stop());

const commandPath = createCommandPath({ sql, newEventId: () => newId(now()), onCommitted: relayLoop.wake });
releases.push(startPeriodically({
  everyMs: 3_600_000,
  work: async () => {
    const pruned = await prune(sql, { now: now(), archiveDays: config.ARCHIVE_RETENTION_DAYS });
    if (pruned.events + pruned.keys > 0) log.info(pruned, "pruned");
  },
  onError: (error) => log.error({ err: { message: error.message } }, "pruning failed; it is tried again in an hour"),
}));
const health = createHealth({ sql, isBrokerUp: () => broker.publisher() !== undefined });
const issuer = tokenIssuer(config);
const app = createApp({
  sql,
  commandPath,
  now,
  newAppointmentId: () => newId(now()),
  authenticate: createAuthenticate({ apiKeys: config.API_KEYS, verifyToken: issuer && createVerifyToken(issuer) }),
  rateLimit: createRateLimit({ perSecond: config.RATE_LIMIT_PER_SECOND, nowMs: Date.now }),
  corsOrigins: config.CORS_ORIGINS ?? [],
  health,
  metrics,
  tracer: tracing.tracer,
  log,
});

const server = createServer(createRequestListener(app.fetch, { hostname: config.HOST, log }));
server.listen(config.PORT, config.HOST, () => {
  const { port } = server.address() as AddressInfo;
  log.info({ host: config.HOST, port }, "listening");
});
server.on("error", (error) => {
  log.fatal({ err: { message: error.message } }, "can't listen");
  process.exit(1);
});
releases.push(() => new Promise((resolve) => server.close(() => resolve())));

let stopping = false;
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => void shutDown(signal));

async function shutDown(signal: string): Promise<void> {
  // Below npm and tsx a signal comes twice: once to the whole group, once passed on.
  if (stopping) return;
  stopping = true;
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
      if (!isUnavailable(error)) throw error;
      log.warn({ err: { message: (error as Error).message }, attempt }, "waiting for PostgreSQL");
      await delay(Math.min(250 * 2 ** attempt, 5_000));
    }
  }
}
