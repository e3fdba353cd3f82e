import { once } from "node:events";
import process from "node:process";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { serve } from "@hono/node-server";
import type { Tracer } from "@opentelemetry/api";
import { aborted } from "./aborted.ts";
import { requireBroker } from "./broker/broker-version.ts";
import { keepConnected } from "./broker/connection.ts";
import { createDeadLetterConsumer } from "./delivery/dead-letters/dead-letter-consumer.ts";
import { createJobConsumers } from "./delivery/job-consumers.ts";
import { createPublisher } from "./broker/publisher.ts";
import { createQueueDepths } from "./broker/queue-depths.ts";
import { declareTopology, topologyWith } from "./broker/topology.ts";
import { createTopologyWatch, topologyParts } from "./broker/topology-watch.ts";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { createJobs, createSealer, createSenders } from "./effects.ts";
import { createAvailabilityApp } from "./jobs/availability/route.ts";
import { timeoutsOf } from "./ops/server-timeouts.ts";
import { answerOptions } from "./ops/answer-options.ts";
import { createOpsApp } from "./ops/ops-app.ts";
import { createReadiness } from "./ops/readiness.ts";
import { createAvailabilityReader } from "./jobs/availability/availability-reader.ts";
import { createCatchUp } from "./replay/catch-up.ts";
import { connectPostgres } from "./postgres/connect.ts";
import { countDeadLetters } from "./delivery/dead-letters/dead-letter-store.ts";
import { isUpToDate, migrate } from "./postgres/migrate.ts";
import { requireSession } from "./postgres/require-session.ts";
import { countUnfinishedIntents } from "./postgres/unfinished-intents.ts";
import { surviveLostTypeQuery } from "./postgres/survive-lost-type-query.ts";
import { whilePostgresIsAway } from "./postgres/wait-for-postgres.ts";
import { createWriteFaults } from "./postgres/write-faults.ts";
import { createGaugeCollector } from "./ops/collect-gauges.ts";
import { errorText } from "./telemetry/error-text.ts";
import { createLogger, type Logger } from "./telemetry/logger.ts";
import { createMetrics } from "./telemetry/metrics.ts";
import { createTracing, untraced } from "./telemetry/tracing.ts";

const usage = `Usage: npm start [-- --only JOB,JOB]

  --only JOBS  run only these jobs in this process (as the variable JOBS does)
  --help       print this

Everything else is set in the environment: see .env.example.`;

function configure(args: string[]): Config {
  const { values } = parseArgs({ args, options: { only: { type: "string" }, help: { type: "boolean" } } });
  if (values.help) {
    console.log(usage);
    process.exit(0);
  }
  return readConfig({ ...process.env, ...(values.only !== undefined && { JOBS: values.only }) });
}

const sealTimeoutMs = 2_000;
const flushTimeoutMs = 2_000;

/** Runs until `stop` is aborted; then it takes nothing more, finishes what it has, and closes. */
async function run(config: Config, tracer: Tracer, log: Logger, stop: AbortSignal): Promise<void> {
  const metrics = createMetrics();
  const now = () => new Date();
  const topology = topologyWith(config.amqp.maxLength);
  const writeFaults = createWriteFaults(() => performance.now());
  const { url, pool, ...database } = config.database;
  const sql = connectPostgres(url, {
    ...database,
    max: pool,
    // Not longer: a connection that went silent is known by what would take longer than this.
    statementTimeoutMs: Math.min(config.delivery.jobTimeoutMs, 10_000),
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
  // From 0, or the first increase would be none to Prometheus.
  for (const what of topologyParts(queues)) metrics.topologyRestored.inc({ what }, 0);
  for (const job of config.jobs) {
    for (const counter of [metrics.missed, metrics.waited, metrics.duplicates]) counter.inc({ consumer_job: job }, 0);
    for (const delay of config.delivery.retryDelays) metrics.retried.inc({ consumer_job: job, delay }, 0);
  }
  const catchUp = config.producer && createCatchUp({
    ...{
      sql,
      jobs: config.jobs,
      topology,
      archive: config.producer,
      connection: consuming,
      publisher,
      everyMs,
      now,
      log,
    },
    caughtUp: (job, events) => metrics.missed.inc({ consumer_job: job }, events),
  });

  const effects = { config, sql, log, now, metrics };
  const senders = createSenders(effects);
  const jobConsumers = createJobConsumers({
    ...config.delivery,
    jobs: createJobs(config),
    apart: new URL("./apart.ts", import.meta.url),
    topology,
    connection: consuming,
    publisher,
    sql,
    metrics,
    tracer,
    log,
    now,
    committed: () => senders.forEach((sender) => sender.wake()),
    onWrite: writeFaults.note,
  });
  const { maxMessageBytes } = config.delivery;
  const deadLetterConsumers = config.jobs.map((job) =>
    createDeadLetterConsumer({ job, queue: topology[job], connection: consuming, maxMessageBytes, sql, log, now })
  );
  const consumers = [...jobConsumers, ...deadLetterConsumers];

  const ops = createOpsApp({
    metrics,
    collectGauges: createGaugeCollector(metrics, {
      queueDepths: createQueueDepths(consuming, topology),
      intents: () => countUnfinishedIntents(sql),
      deadLetters: () => countDeadLetters(sql),
    }),
    readiness: createReadiness({
      sql,
      writeFault: writeFaults.current,
      isBrokerUp: () => consuming.isOpen() && publishing.isOpen(),
      isConsuming: () => consumers.every((consumer) => consumer.isConsuming()),
      missingTopology: topologyWatch.missing,
    }),
  });
  ops.route("/", createAvailabilityApp({ reader: createAvailabilityReader(sql), now }));
  answerOptions(ops);
  const server = serve({
    fetch: ops.fetch,
    hostname: config.ops.host,
    port: config.ops.port,
    serverOptions: timeoutsOf(config.ops.keepAliveTimeoutMs),
  }, ({ port }) => {
    log.info({ port, jobs: config.jobs }, "listening");
  });

  const serverFailed = once(server, "error").then(([error]) => Promise.reject(error));

  /** A migration may take its time, so it is begun only when there is something to do. */
  async function bringUpToDate(): Promise<string[]> {
    await requireSession(sql, database);
    if (await isUpToDate(sql)) return [];
    const migrating = connectPostgres(url, { ...database, max: 1 });
    return await migrate(migrating, database.schema).finally(() => migrating.end({ timeout: 1 }));
  }
  const applied = await Promise.race([whilePostgresIsAway(bringUpToDate, log, stop), serverFailed]);
  if (applied.length > 0) log.info({ migrations: applied }, "database migrated");
  const work = Promise.all([
    ...consumers.map((consumer) => consumer.run(stop)),
    ...senders.map((sender) => sender.run(stop)),
    topologyWatch.run(stop),
  ]);
  // Nobody waits for its end: what it has not published by then is found to be missing again.
  catchUp?.run(stop);
  const seal = new AbortController();
  const sealing = createSealer(effects).run(seal.signal);
  await Promise.race([aborted(stop), work, consuming.done, publishing.done, serverFailed]);

  const deadline = sleep(config.shutdownTimeoutMs, "late");
  if (await Promise.race([work, deadline]) === "late") log.warn("stopped before everything was finished");
  // Last, so that the checkpoint covers what was finished until now.
  seal.abort();
  await Promise.race([sealing, sleep(sealTimeoutMs)]);
  server.close();
  await Promise.all([consuming.close(), publishing.close()]);
  await sql.end({ timeout: 1 });
}

async function main(args: string[]): Promise<number> {
  let config: Config;
  try {
    config = configure(args);
  } catch (error) {
    console.error(error instanceof ConfigError || error instanceof TypeError ? error.message : error);
    return 1;
  }
  const log = createLogger(config.logLevel);
  surviveLostTypeQuery(log);
  const endpoint = config.tracesEndpoint;
  const tracing = endpoint ? createTracing({ endpoint, flushTimeoutMs, log }) : untraced;
  const stop = new AbortController();
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      log.info({ signal }, "stopping");
      stop.abort();
    });
  }
  try {
    await run(config, tracing.tracer, log, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) {
      log.fatal({ err: error }, errorText(error));
      return 1;
    }
  } finally {
    await tracing.stop();
  }
  log.info("stopped");
  return 0;
}

// What the deadline left behind would keep the process alive.
process.exit(await main(process.argv.slice(2)));
