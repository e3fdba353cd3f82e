import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import type { Tracer } from "@opentelemetry/api";
import { aborted } from "./aborted.ts";
import { requireBroker } from "./broker/broker-version.ts";
import { keepConnected } from "./broker/connection.ts";
import { createDeadLetterConsumer } from "./delivery/dead-letters/dead-letter-consumer.ts";
import { createJobConsumers } from "./delivery/job-consumers.ts";
import { createEventAges } from "./delivery/wrappers/event-ages.ts";
import { createPublisher } from "./broker/publisher.ts";
import { createQueueDepths } from "./broker/queue-depths.ts";
import { declareTopology, topologyWith } from "./broker/topology.ts";
import { createTopologyWatch, topologyParts } from "./broker/topology-watch.ts";
import type { Config } from "./config.ts";
import { checkpointsOf, openAuditDatabase, ownAudit, warnOfAudit, witnessedLog } from "./jobs/audit/audit-setup.ts";
import { createAuditVerifier } from "./jobs/audit/audit-verifier.ts";
import { createSealWatch } from "./jobs/audit/seal-watch.ts";
import { createAuditSealer } from "./jobs/audit/sealer.ts";
import { createWitnessWorker } from "./jobs/audit/witness/witness-worker.ts";
import type { JobModule } from "./jobs/module.ts";
import { createJobWorkers } from "./outgoing/job-workers.ts";
import { answerOptions } from "./ops/answer-options.ts";
import { createOperationsPage } from "./ops/operations-page.ts";
import { limitAnonymous } from "./ops/limit-anonymous.ts";
import { createOpsApp, createProbeApp } from "./ops/ops-app.ts";
import { serveOps } from "./ops/serve-ops.ts";
import { createReadiness } from "./ops/readiness.ts";
import { pruneNights, readLastNight } from "./reconcile/night-store.ts";
import { createNightly } from "./reconcile/nightly.ts";
import { createCatchUp } from "./replay/catch-up.ts";
import { connectPostgres, statementTimeoutWithin } from "./postgres/connect.ts";
import { createAgenda } from "./postgres/agenda.ts";
import { createJobPauses } from "./postgres/job-pauses.ts";
import { createPruner } from "./postgres/retention.ts";
import { dueWork } from "./outgoing/due-work.ts";
import { openPatientKeys } from "./patient-keys/open-patient-keys.ts";
import { pruneDelivery } from "./delivery/prune-delivery.ts";
import { countDeadLetters } from "./delivery/dead-letters/dead-letter-counts.ts";
import { whilePostgresIsAway } from "./postgres/wait-for-postgres.ts";
import { createWriteFaults } from "./postgres/write-faults.ts";
import { createGaugeCollector } from "./ops/collect-gauges.ts";
import type { Logger } from "./telemetry/logger.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { bringUpToDate } from "./postgres/bring-up-to-date.ts";
import { pruneTasks } from "./failures/task-store.ts";
import { createHeartbeat } from "./status/heartbeat.ts";
import { readStatus } from "./status/read-status.ts";
import { pruneStatus } from "./status/status-store.ts";
import { serverOf } from "./telemetry/server-of.ts";
import { startCounters } from "./telemetry/start-counters.ts";

const sealTimeoutMs = 2_000;

/** Runs until `stop` is aborted; then it takes nothing more, finishes what it has, and closes. */
export async function runService(
  modules: readonly JobModule[],
  config: Config,
  tracer: Tracer,
  log: Logger,
  stop: AbortSignal,
): Promise<void> {
  const metrics = createMetrics();
  const now = () => new Date();
  const topology = topologyWith(config.amqp.maxLength);
  const writeFaults = createWriteFaults(() => performance.now());
  const { url, pool, ...database } = config.database;
  const sql = connectPostgres(url, {
    ...database,
    max: pool,
    statementTimeoutMs: statementTimeoutWithin(config.delivery.jobTimeoutMs),
  });
  const consuming = keepConnected({
    urls: config.amqp.urls,
    tls: config.amqp.tls,
    name: "appointments-consumer: consuming",
    log,
    async onOpen(model) {
      requireBroker(model);
      await declareTopology(model, Object.values(topology));
    },
  });
  const publishing = keepConnected({
    urls: config.amqp.urls,
    tls: config.amqp.tls,
    name: "appointments-consumer: publishing",
    log,
  });

  const patientKeys = openPatientKeys(config);
  const publisher = createPublisher(publishing, config.delivery.confirmTimeoutMs);
  const queues = Object.values(topology);
  const everyMs = config.amqp.checkTopologyMs;
  const topologyWatch = createTopologyWatch({
    connection: consuming,
    queues,
    everyMs,
    found: (what) => metrics.topologyRestored.inc({ what }),
    log,
  });
  startCounters(metrics, { jobs: config.jobs, delays: config.delivery.retryDelays, parts: topologyParts(queues) });
  const catchUp = config.producer && createCatchUp({
    sql,
    jobs: config.jobs,
    topology,
    archive: config.producer,
    connection: consuming,
    publisher,
    everyMs,
    now,
    log,
    caughtUp: (job, events) => metrics.missed.inc({ consumer_job: job }, events),
  });

  const running = modules.filter(({ name }) => config.jobs.includes(name));
  const auditSql = openAuditDatabase(config, sql);
  const sealer = createAuditSealer({ sql: auditSql, log, now, checkpoints: checkpointsOf(config) });
  const keepsTrail = config.jobs.includes("audit");
  if (keepsTrail) warnOfAudit(config, log);
  const verifier = keepsTrail
    ? createAuditVerifier({ sql, owner: auditSql, audit: config.audit, log, now, metrics })
    : undefined;
  const witnessed = keepsTrail ? witnessedLog(config, sql) : undefined;
  const cosigner = witnessed &&
    createWitnessWorker({ ...witnessed, log, nowMs: () => performance.now(), metrics });
  const audited = sealer.recorded;
  const workers = createJobWorkers(running, { config, sql, log, now, metrics, tracer, audited });
  const pauses = createJobPauses(config.jobs);
  const agenda = createAgenda({ sql, log, items: [...pauses.items, ...[...workers.all, sealer].map(dueWork)] });
  const prunings = [
    {
      retentionDays: config.inboxRetentionDays,
      batches: [
        ...pruneDelivery,
        ...pruneStatus,
        pruneTasks,
        pruneNights,
        ...modules.flatMap(({ prune = [] }) => prune),
      ],
    },
    ...modules.flatMap(({ pruneSooner }) => pruneSooner?.(config) ?? []),
  ];
  const pruners = prunings.map((pruning) => createPruner({ sql, log, now, ...pruning }));
  const jobConsumers = createJobConsumers({
    ...config.delivery,
    jobs: running.map(({ job }) => job(config)),
    // Built in the images, else the source.
    apart: new URL(import.meta.url.endsWith(".js") ? "./apart.js" : "./apart.ts", import.meta.url),
    topology,
    connection: consuming,
    publisher,
    sql,
    findKeys: patientKeys?.findKeys,
    metrics,
    ages: createEventAges(metrics.registry),
    tracer,
    server: serverOf(config.amqp.urls),
    log,
    now,
    pauses,
    committed(job, result) {
      audited();
      workers.committed(job, result);
    },
    onWrite: writeFaults.note,
  });
  const { maxMessageBytes } = config.delivery;
  const deadLetterConsumers = config.jobs.map((job) =>
    createDeadLetterConsumer({
      job,
      queue: topology[job],
      connection: consuming,
      maxMessageBytes,
      sql,
      pauses,
      log,
      now,
      audited,
    })
  );
  const consumers = [...jobConsumers, ...deadLetterConsumers];

  const queueDepths = createQueueDepths(consuming, topology);
  const readiness = createReadiness({
    sql,
    keysSql: patientKeys?.sql,
    writeFault: writeFaults.current,
    isBrokerUp: () => consuming.isOpen() && publishing.isOpen(),
    brokerRefusal: () => consuming.refusal() ?? publishing.refusal(),
    isConsuming: () => consumers.every((consumer) => consumer.isConsuming()),
    missingTopology: topologyWatch.missing,
  });
  const status = () => readStatus({ sql, topology, queueDepths, producer: config.producer, readiness, now });
  const heartbeat = createHeartbeat({ sql, jobs: config.jobs, workers: workers.all, metrics, status, now, log });
  const probes = createProbeApp({
    metrics,
    collectGauges: createGaugeCollector(metrics, {
      queueDepths,
      intents: async () => (await Promise.all(modules.map(({ gauges }) => gauges?.(sql, config) ?? []))).flat(),
      deadLetters: () => countDeadLetters(sql),
      seals: keepsTrail ? createSealWatch(sql, config.audit, () => performance.now()) : undefined,
      lastNight: () => readLastNight(sql),
    }),
    readiness,
  });
  const { keys, anonymousPerSecond } = config.ops;
  const limit = limitAnonymous({ keys, perSecond: anonymousPerSecond, nowMs: () => performance.now() });
  const ops = createOpsApp(limit, config.ops.probes ? undefined : probes);
  for (const { routes } of modules) if (routes) ops.route("/", routes({ config, sql, now, log }));
  answerOptions(ops);
  ops.route("/ops", createOperationsPage({ config, sql, log, now, publisher, topology, status, stop }));
  const servers = serveOps(config.ops, { ops, probes, limit }, (ports) => {
    log.info({ ...ports, jobs: config.jobs }, "listening");
  });
  const serverFailed = Promise.race(servers.map((server) => once(server, "error"))).then(([error]) =>
    Promise.reject(error)
  );

  const applied = await Promise.race([
    whilePostgresIsAway(() => bringUpToDate(sql, config.database), log, stop),
    serverFailed,
  ]);
  if (applied.length > 0) log.info({ migrations: applied }, "database migrated");
  await Promise.race([whilePostgresIsAway(() => ownAudit(config, sql, log), log, stop), serverFailed]);
  const work = Promise.all([
    ...consumers.map((consumer) => consumer.run(stop)),
    ...workers.all.map((worker) => worker.run(stop)),
    agenda.run(stop),
    ...pruners.map((pruner) => pruner.run(stop)),
    heartbeat.run(stop),
    topologyWatch.run(stop),
    verifier?.run(stop),
    cosigner?.run(stop),
  ]);
  // Nobody waits for its end: what it has not published by then is found to be missing again.
  catchUp?.run(stop);
  // Nor for its: another night, or process, finds the same.
  createNightly({ sql, config, modules, now, log }).run(stop);
  const seal = new AbortController();
  const sealing = sealer.run(seal.signal);
  await Promise.race([aborted(stop), work, consuming.done, publishing.done, serverFailed]);

  const deadline = sleep(config.shutdownTimeoutMs, "late");
  if (await Promise.race([work, deadline]) === "late") {
    log.warn("shutdown timed out; what was not acknowledged is redelivered");
  }
  // Last, so that the checkpoint covers what was finished until now.
  seal.abort();
  await Promise.race([sealing, sleep(sealTimeoutMs)]);
  for (const server of servers) server.close();
  await Promise.all([consuming.close(), publishing.close()]);
  const databases = [sql, auditSql, patientKeys?.sql].filter((one) => one !== undefined);
  await Promise.all(databases.map((one) => one.end({ timeout: 1 })));
}
