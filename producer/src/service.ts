import type { Server } from "node:http";
import type { Hono } from "hono";
import { type BrokerConnection, connectBroker } from "./amqp/connection.ts";
import { serveAppointments } from "./appointments/appointments.ts";
import { serveHolds } from "./appointments/holds.ts";
import { serveSlots } from "./appointments/slots.ts";
import { serveContactProblems } from "./contact-problems/contact-problems.ts";
import { arriveLead, type Config, databaseTls, tokenIssuer } from "./config.ts";
import { doctorStore, lockDoctor } from "./doctors/doctor-store.ts";
import { serveDoctors } from "./doctors/doctors.ts";
import { newId } from "./domain/new-id.ts";
import { exchange } from "./generated/topology.ts";
import { createApp, createProbeApp } from "./http/app.ts";
import { createAuthenticate, type Principal } from "./http/authenticate.ts";
import { createClientAddress } from "./http/client-address.ts";
import { createHealth, type Health } from "./http/health.ts";
import { createAnonymousLimit } from "./http/limit-anonymous.ts";
import { listen, portOf } from "./http/listen.ts";
import { createRateLimit } from "./http/rate-limit.ts";
import type { HttpEnv } from "./http/request-context.ts";
import { createVerifyToken } from "./http/verify-token.ts";
import { serveOps } from "./outbox/ops.ts";
import { readOutboxState } from "./outbox/outbox-state.ts";
import { appendToOutbox } from "./outbox/outbox-store.ts";
import type { RelayLoop } from "./outbox/relay-loop.ts";
import { runRelay } from "./outbox/run-relay.ts";
import { openPatientKeys } from "./patient-keys/open-patient-keys.ts";
import type { PatientKeys } from "./patient-keys/patient-keys.ts";
import { servePatients } from "./patients/patients.ts";
import { startPeriodically } from "./periodically.ts";
import { type CommandPath, createCommandPath } from "./postgres/command-path.ts";
import { connectDatabase, type Sql } from "./postgres/database.ts";
import { keyMigrations } from "./postgres/migrate.ts";
import { migrateWhenReachable } from "./postgres/migrate-when-reachable.ts";
import { createWriteFaults } from "./postgres/write-faults.ts";
import { prune } from "./prune.ts";
import { errorText } from "./telemetry/error-text.ts";
import type { Log } from "./telemetry/log.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { type Tracing, untraced } from "./telemetry/tracing.ts";
import { serverOf } from "./telemetry/server-of.ts";
import { tlsOf } from "./tls.ts";

export type Service = {
  /** The whole HTTP side. It can be asked without a start: nothing connects before the first query. */
  readonly app: Hono<HttpEnv>;
  readonly health: Health;
  /**
   * Answers probes at once, requests as soon as the database is up to date, and publishes from then on. `fail` is told
   * what the process can't live with.
   */
  start(fail: (error: Error, what: string) => void): Promise<void>;
  /** Finishes what is in flight, then undoes the start in reverse order. */
  stop(): Promise<void>;
};

/** What may come from outside instead, for tests. */
export type Edges = {
  readonly log: Log;
  readonly tracing?: Tracing;
  readonly now?: () => Date;
  readonly sql?: Sql;
  readonly verifyToken?: ((token: string) => Promise<Principal>) | undefined;
  readonly onCommitted?: (() => void) | undefined;
};

/** The only way to write, for a command that runs beside the service: a relay publishes, within the interval of its polling. */
export function commandPathBeside(sql: Sql, keys?: PatientKeys): CommandPath {
  const nothing = () => {};
  return createCommandPath({
    sql,
    lockDoctor,
    appendEvent: keys?.encrypting(appendToOutbox) ?? appendToOutbox,
    newEventId: () => newId(new Date()),
    onCommitted: nothing,
    onWrite: nothing,
  });
}

/** The one place where the producer is put together. */
export function createService(config: Config, edges: Edges): Service {
  const { log, now = () => new Date() } = edges;
  const id = () => newId(now());
  /** Undone in reverse order, when nobody is served any more. */
  const releases: (() => Promise<void>)[] = [];
  const stopping = new AbortController();

  const tracing = edges.tracing ?? untraced;
  releases.push(tracing.stop);

  const database = { tls: databaseTls(config), pooled: config.DATABASE_POOLED, schema: config.DATABASE_SCHEMA };
  const sql = edges.sql ?? connectDatabase(config.DATABASE_URL, { ...database, max: config.DATABASE_POOL });
  releases.push(() => sql.end({ timeout: 5 }));

  const patientKeys = openPatientKeys(config);
  if (patientKeys) releases.push(() => patientKeys.sql.end({ timeout: 5 }));
  const keys = patientKeys?.keys;

  const metrics = createMetrics({ outboxState: () => readOutboxState(sql) });
  const restored = { what: `exchange ${exchange.name}` };
  // From 0, or the first increase would be none to Prometheus.
  metrics.topologyRestored.inc(restored, 0);

  let broker: BrokerConnection | undefined;
  let relay: RelayLoop | undefined;
  const wakeRelay = () => relay?.wake();
  const writeFaults = createWriteFaults(() => performance.now());
  const health = createHealth({
    sql,
    keysSql: patientKeys?.sql,
    writeFault: writeFaults.current,
    isBrokerUp: () => broker?.publisher() !== undefined,
    missingTopology: () => broker?.missing() ?? [],
    brokerRefusal: () => broker?.refusal(),
  });
  const issuer = tokenIssuer(config);
  const parts = {
    sql,
    now,
    arriveLead: arriveLead(config),
    findDoctor: (doctorId: string) => doctorStore.find(sql, doctorId),
    newAppointmentId: id,
    newErasureId: id,
    keys,
    commandPath: createCommandPath({
      sql,
      lockDoctor,
      appendEvent: keys?.encrypting(appendToOutbox) ?? appendToOutbox,
      newEventId: id,
      onCommitted: edges.onCommitted ?? wakeRelay,
      onWrite: writeFaults.note,
    }),
  };
  const nowMs = () => now().getTime();
  const clientAddress = createClientAddress(config.TRUSTED_PROXIES);
  const http = {
    authenticate: createAuthenticate({
      apiKeys: config.API_KEYS,
      verifyToken: edges.verifyToken ?? (issuer && createVerifyToken(issuer)),
    }),
    rateLimit: createRateLimit({ perSecond: config.RATE_LIMIT_PER_SECOND, nowMs }),
    anonymousLimit: createAnonymousLimit({
      clientAddress,
      rateLimit: createRateLimit({ perSecond: config.ANONYMOUS_RATE_LIMIT_PER_SECOND, nowMs }),
    }),
    clientAddress,
    health,
    metrics,
    tracer: tracing.tracer,
    log,
  };
  const app = createApp({
    ...http,
    operations: [
      ...serveAppointments(parts),
      ...serveHolds(parts),
      ...serveSlots(parts),
      ...serveDoctors(parts),
      ...servePatients(parts),
      ...serveOps(parts),
      ...serveContactProblems(parts),
    ],
    now,
    corsOrigins: config.CORS_ORIGINS ?? [],
    probesApart: config.PROBE_PORT !== undefined,
  });
  const servers: Server[] = [];

  async function startServers(fail: (error: Error, what: string) => void) {
    const { HOST: host, PORT: port, PROBE_HOST: probeHost, PROBE_PORT: probePort } = config;
    const { TLS_CERT_FILE: cert, TLS_KEY_FILE: key, KEEP_ALIVE_TIMEOUT_MS: keepAliveMs } = config;
    const failed = (error: Error) => fail(error, "listening failed");
    const certificate = cert !== undefined && key !== undefined ? { cert, key } : undefined;
    const main = await listen(app.fetch, { host, port, certificate, keepAliveMs, log }, failed);
    servers.push(main);
    if (probePort === undefined) return { host, port: portOf(main) };
    const probes = createProbeApp(http);
    const apart = await listen(probes.fetch, { host: probeHost, port: probePort, keepAliveMs, log }, failed);
    servers.push(apart);
    return { host, port: portOf(main), probePort: portOf(apart) };
  }

  function connectToBroker(): BrokerConnection {
    const connection = connectBroker({
      urls: config.AMQP_URL,
      tls: tlsOf(config.AMQP_CA_FILE, config.AMQP_CERT_FILE, config.AMQP_KEY_FILE),
      confirmTimeoutMs: config.RELAY_CONFIRM_TIMEOUT_MS,
      log,
      onReady: wakeRelay,
      checkEveryMs: config.TOPOLOGY_CHECK_MS,
      onRestored: () => metrics.topologyRestored.inc(restored),
    });
    releases.push(() => connection.close());
    return connection;
  }

  function startRelay(connection: BrokerConnection, holder: string): RelayLoop {
    const applicationName = "appointment-producer relay";
    const relaySql = connectDatabase(config.DATABASE_URL, { ...database, max: 2, applicationName });
    releases.push(() => relaySql.end({ timeout: 1 }));
    const loop = runRelay({
      sql: relaySql,
      broker: connection,
      holder,
      batchSize: config.RELAY_BATCH_SIZE,
      leaseMs: config.RELAY_LEASE_MS,
      pollMs: config.RELAY_POLL_MS,
      onWrite: writeFaults.note,
      metrics,
      tracer: tracing.tracer,
      server: serverOf(config.AMQP_URL),
      log,
    });
    releases.push(() => loop.stop());
    return loop;
  }

  function startPruning(): void {
    releases.push(startPeriodically({
      everyMs: 3_600_000,
      work: async () => {
        const pruned = await prune(sql, {
          now: now(),
          archiveDays: config.ARCHIVE_RETENTION_DAYS,
          appointmentDays: config.APPOINTMENT_RETENTION_DAYS,
          doctorDays: config.DOCTOR_RETENTION_DAYS,
        });
        if (Object.values(pruned).some((rows) => rows > 0)) log.info(pruned, "pruned");
      },
      onError: (error) => log.error({ err: { message: errorText(error) } }, "pruning failed"),
    }));
  }

  return {
    app,
    health,
    async start(fail) {
      const connection = broker = connectToBroker();
      const address = await startServers(fail);
      /** In the lease of the relay, so that it can be told from the log which process has it. */
      const instance = id();
      log.info({ ...address, instance }, "starting");
      const patient = () => connectDatabase(config.DATABASE_URL, { ...database, max: 1, silentForMs: Infinity });
      await migrateWhenReachable({ sql, patient }, database, log, stopping.signal)
        .catch((error) => fail(error, "migrating the database failed"));
      if (patientKeys) {
        const keysDatabase = { pooled: false, schema: "public", folder: keyMigrations, name: "patients' keys" };
        // While it is away everything else is served: it is waited for no longer than one try takes.
        await new Promise<void>((tried) => {
          migrateWhenReachable(patientKeys, { ...keysDatabase, onAway: tried }, log, stopping.signal)
            .then(tried, (error) => fail(error, "migrating the database of patients' keys failed"));
        });
      }
      if (stopping.signal.aborted) return;
      relay = startRelay(connection, instance);
      startPruning();
      health.start();
      log.info(address, "listening");
    },
    async stop() {
      stopping.abort();
      health.drain();
      await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
      for (const release of releases.reverse()) await release();
    },
  };
}
