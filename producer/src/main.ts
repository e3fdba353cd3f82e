import process from "node:process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connectBroker } from "./amqp/connection.ts";
import { arriveLead, configure, tokenIssuer } from "./config.ts";
import { newId } from "./domain/new-id.ts";
import { exchange } from "./generated/topology.ts";
import { createApp } from "./http/app.ts";
import { createAuthenticate } from "./http/authenticate.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import { createRequestListener } from "./http/request-listener.ts";
import { timeoutsOf } from "./http/server-timeouts.ts";
import { createVerifyToken } from "./http/verify-token.ts";
import { createHealth } from "./http/health.ts";
import { createCommandPath } from "./postgres/command-path.ts";
import { connectDatabase } from "./postgres/database.ts";
import { createCandidate } from "./outbox/leadership.ts";
import { migrateWhenReachable } from "./postgres/migrate-when-reachable.ts";
import { createRelayStore, readOutboxState } from "./outbox/outbox-store.ts";
import { createRecorder } from "./outbox/recorder.ts";
import { startPeriodically } from "./periodically.ts";
import { prune } from "./postgres/prune.ts";
import { createWriteFaults } from "./postgres/write-faults.ts";
import { surviveLostTypeQuery } from "./postgres/survive-lost-type-query.ts";
import { createProbe } from "./outbox/probe.ts";
import { createRelay } from "./outbox/relay.ts";
import { type RelayLoop, startRelayLoop } from "./outbox/relay-loop.ts";
import { createLog } from "./telemetry/log.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { createTracing, untraced } from "./telemetry/tracing.ts";
import { tlsOf } from "./tls.ts";

const config = configure();
const log = createLog(config.LOG_LEVEL);
surviveLostTypeQuery(log);
const now = () => new Date();

/** Undone in reverse order, when nobody is served any more. */
const releases: (() => Promise<void>)[] = [];

const endpoint = config.OTEL_EXPORTER_OTLP_ENDPOINT;
const flushTimeoutMs = Math.min(2_000, config.SHUTDOWN_TIMEOUT_MS / 4);
const tracing = endpoint ? createTracing({ endpoint, flushTimeoutMs, log }) : untraced;
releases.push(tracing.stop);

const databaseTls = tlsOf(config.DATABASE_CA_FILE, config.DATABASE_CERT_FILE, config.DATABASE_KEY_FILE);
const database = { tls: databaseTls, pooled: config.DATABASE_POOLED, schema: config.DATABASE_SCHEMA };
const sql = connectDatabase(config.DATABASE_URL, { ...database, max: config.DATABASE_POOL });
releases.push(() => sql.end({ timeout: 5 }));

const metrics = createMetrics({ outboxState: () => readOutboxState(sql) });
let relayLoop: RelayLoop | undefined;
const wakeRelay = () => relayLoop?.wake();
const restored = { what: `exchange ${exchange.name}` };
// From 0, or the first increase would be none to Prometheus.
metrics.topologyRestored.inc(restored, 0);
const broker = connectBroker({
  urls: config.AMQP_URL,
  tls: tlsOf(config.AMQP_CA_FILE, config.AMQP_CERT_FILE, config.AMQP_KEY_FILE),
  confirmTimeoutMs: config.RELAY_CONFIRM_TIMEOUT_MS,
  log,
  onReady: wakeRelay,
  checkEveryMs: config.TOPOLOGY_CHECK_MS,
  onRestored: () => metrics.topologyRestored.inc(restored),
});
releases.push(() => broker.close());

const writeFaults = createWriteFaults(() => performance.now());
const health = createHealth({
  sql,
  writeFault: writeFaults.current,
  isBrokerUp: () => broker.publisher() !== undefined,
  brokerFault: broker.fault,
});
const issuer = tokenIssuer(config);
const app = createApp({
  sql,
  commandPath: createCommandPath({
    sql,
    newEventId: () => newId(now()),
    onCommitted: wakeRelay,
    onWrite: writeFaults.note,
  }),
  now,
  arriveLead: arriveLead(config),
  newAppointmentId: () => newId(now()),
  authenticate: createAuthenticate({ apiKeys: config.API_KEYS, verifyToken: issuer && createVerifyToken(issuer) }),
  rateLimit: createRateLimit({ perSecond: config.RATE_LIMIT_PER_SECOND, nowMs: Date.now }),
  corsOrigins: config.CORS_ORIGINS ?? [],
  health,
  metrics,
  tracer: tracing.tracer,
  log,
});

const server = createServer(
  timeoutsOf(config.KEEP_ALIVE_TIMEOUT_MS),
  createRequestListener(app.fetch, { hostname: config.HOST, log }),
);
server.on("error", (error) => fail(error, "can't listen"));
await new Promise<void>((resolve) => server.listen(config.PORT, config.HOST, resolve));
const address = { host: config.HOST, port: (server.address() as AddressInfo).port };
/** In the lease of the relay, so that it can be told from the log which process has it. */
const instance = newId(now());
log.info({ ...address, instance }, "starting");

const stop = new AbortController();
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => void shutDown(signal));

const patient = () => connectDatabase(config.DATABASE_URL, { ...database, max: 1, silentForMs: Infinity });
await migrateWhenReachable({ sql, patient }, database, log, stop.signal)
  .catch((error) => fail(error, "can't bring the database up to date"));
if (!stop.signal.aborted) start();

/** All that needs a database which is up to date. */
function start(): void {
  // One for its batches, one for its lease.
  const relaySql = connectDatabase(config.DATABASE_URL, {
    ...database,
    max: 2,
    applicationName: "appointment-producer relay",
  });
  releases.push(() => relaySql.end({ timeout: 1 }));
  const { RELAY_BATCH_SIZE: largest } = config;
  const pauses = { firstMs: 1_000, longestMs: 30_000, largest, random: Math.random };
  const loop = relayLoop = startRelayLoop({
    relay: createRelay({
      publisher: broker.publisher,
      renewConnection: broker.renew,
      batchSize: largest,
      probe: createProbe(pauses),
      recorder: createRecorder(createProbe(pauses), () => writeFaults.note(undefined)),
      nowMs: Date.now,
      metrics,
      tracer: tracing.tracer,
      log,
    }),
    candidate: createCandidate({
      sql: relaySql,
      holder: instance,
      leaseMs: config.RELAY_LEASE_MS,
      pollMs: config.RELAY_POLL_MS,
      nowMs: () => performance.now(),
      onSucceeded: (former) => log.warn({ former }, "taking the lead from a relay that fell silent"),
    }),
    openStore: (term) => createRelayStore(relaySql, term),
    onFenced: () => metrics.fenced.inc(),
    onFailure: writeFaults.note,
    onLeader: (isLeader) => metrics.leader.set(isLeader ? 1 : 0),
    pollMs: config.RELAY_POLL_MS,
    log,
  });
  releases.push(() => loop.stop());
  releases.push(startPeriodically({
    everyMs: 3_600_000,
    work: async () => {
      const pruned = await prune(sql, { now: now(), archiveDays: config.ARCHIVE_RETENTION_DAYS });
      if (pruned.events + pruned.keys + pruned.times > 0) log.info(pruned, "pruned");
    },
    onError: (error) => log.error({ err: { message: error.message } }, "pruning failed; it is tried again in an hour"),
  }));
  health.start();
  log.info(address, "listening");
}

async function shutDown(signal: string): Promise<void> {
  // Below npm and tsx a signal comes twice: once to the whole group, once passed on.
  if (stop.signal.aborted) return;
  stop.abort();
  log.info({ signal }, "shutting down");
  health.drain();
  setTimeout(() => {
    log.error("shutting down took too long; events that are left stay in the outbox");
    process.exit(1);
  }, config.SHUTDOWN_TIMEOUT_MS).unref();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  for (const release of releases.reverse()) await release();
  log.info("stopped");
  process.exit(0);
}

function fail(error: Error, what: string): never {
  log.fatal({ err: { message: error.message } }, what);
  process.exit(1);
}
