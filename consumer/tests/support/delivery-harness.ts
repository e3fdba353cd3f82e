import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import { type GetMessage, type Options } from "amqplib";
import type { TransactionSql } from "postgres";
import { Registry } from "prom-client";
import { type BrokerConnection, keepConnected } from "../../src/broker/connection.ts";
import { createJobConsumers, type JobConsumersDependencies } from "../../src/delivery/job-consumers.ts";
import { createPublisher, type Publisher } from "../../src/broker/publisher.ts";
import { createEventAges } from "../../src/delivery/wrappers/event-ages.ts";
import { declareTopology, type Topology } from "../../src/broker/topology.ts";
import type { JobName } from "../../src/generated/jobs.ts";
import { queues, sourceExchange } from "../../src/generated/topology.ts";
import type { Job, JobContext, JobOutcome } from "../../src/jobs/job.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics, type Metrics } from "../../src/telemetry/metrics.ts";
import { untraced } from "../../src/telemetry/tracing.ts";
import { createTestDatabase, type TestDatabase } from "./test-database.ts";
import { createTestVhost, type TestVhost } from "./test-vhost.ts";
import { createAgenda } from "../../src/postgres/agenda.ts";
import { createJobPauses } from "../../src/postgres/job-pauses.ts";

/** The contract's topology with delays of milliseconds. */
export function hastyTopology(ttlMs: readonly number[] = [20, 40, 60, 80]): Topology {
  const hasty = Object.entries(queues).map(([job, queue]) => {
    const delays = queue.retry.delays.map((delay, index) => ({
      ...delay,
      ttlMs: ttlMs[index]!,
      arguments: { ...delay.arguments, "x-message-ttl": ttlMs[index]! },
    }));
    return [job, { ...queue, retry: { ...queue.retry, delays } }];
  });
  return Object.fromEntries(hasty) as Topology;
}

/** The required fields of a booking, and whatever the test adds. */
export function createdEvent(more: Record<string, unknown> = {}) {
  return {
    eventName: "appointment.created",
    aggregateId: randomUUID(),
    timestamp: "2026-03-01T10:00:00Z",
    version: 1,
    eventId: randomUUID(),
    payload: { patientEmail: "ann@example.org", doctorId: "dr-1", appointmentDate: "2026-03-02T10:00:00+01:00" },
    ...more,
  };
}

/** A job whose effect is the test's own function, which runs where another job reads what it knows. */
export function testJob(
  name: JobName,
  handle: (event: TestEvent, transaction: TestStore, context: JobContext) => Promise<JobOutcome>,
): Job {
  const job: Job<TestEvent, JobOutcome, never> = {
    name,
    decide: (_, outcome) => ({ outcome }),
    createStore(transaction) {
      const outcomes = new Map<TestEvent, JobOutcome>();
      return {
        async load(told) {
          for (const { event, context } of told) outcomes.set(event, await handle(event, transaction, context));
        },
        known: (event) => outcomes.get(event)!,
        keep: () => {},
        save: () => Promise.resolve(),
      };
    },
  };
  return job as Job;
}

export type TestEvent = ReturnType<typeof createdEvent>;
export type TestStore = TransactionSql;

/** Every process has its own. */
export const ages = () => createEventAges(new Registry());

export const applied: JobOutcome = { kind: "applied" };

export interface DeliveryHarness {
  database: TestDatabase;
  vhost: TestVhost;
  topology: Topology;
  connection: BrokerConnection;
  publisher: Publisher;
  metrics: Metrics;
  /** Publishes to the source exchange as a producer does, confirmed. */
  publish(event: unknown, properties?: Options.Publish, exchange?: string, routingKey?: string): Promise<void>;
  /** Runs the jobs until the returned function is called. */
  consume(jobs: Job[], overrides?: Partial<JobConsumersDependencies>): () => Promise<void>;
  /** Takes the next message off a queue, or answers undefined. */
  take(queue: string): Promise<GetMessage | undefined>;
  close(): Promise<void>;
}

export const settings = {
  prefetch: 20,
  concurrency: 3,
  jobTimeoutMs: 5_000,
  maxMessageBytes: 1_048_576,
  retryDelays: ["1s", "10s", "1m", "10m"],
  waitLimitMs: 3_600_000,
  onWrite: () => {},
};

/** A database, a virtual host and the consumers of whatever jobs a test brings. */
export async function createDeliveryHarness(topology = hastyTopology()): Promise<DeliveryHarness> {
  const [database, vhost] = await Promise.all([createTestDatabase(), createTestVhost()]);
  // For jobs that a test makes.
  await database.sql`create table effects (event_id text, at timestamptz)`;
  const log = createLogger("silent");
  const stops: (() => Promise<void>)[] = [];
  const never = new AbortController().signal;
  const connect = (name: string) =>
    keepConnected({
      urls: [vhost.amqpUrl],
      name,
      log,
      onOpen: (model) => declareTopology(model, Object.values(topology)),
    });
  const connection = connect("test: consuming");
  const publishing = connect("test: publishing");
  const publisher = createPublisher(publishing, 5_000);
  const metrics = createMetrics();
  await Promise.all([connection.current(never), publishing.current(never)]);

  return {
    database,
    vhost,
    topology,
    connection,
    publisher,
    metrics,
    async publish(event, properties = {}, exchange = sourceExchange.name, routingKey = "appointment.created") {
      const content = Buffer.isBuffer(event) ? event : Buffer.from(JSON.stringify(event));
      await publisher.publish({ exchange, routingKey, content, properties });
    },
    consume(jobs, overrides = {}) {
      const stop = new AbortController();
      const { sql } = database;
      const pauses = createJobPauses(jobs.map(({ name }) => name));
      const agenda = createAgenda({ sql, log, items: pauses.items });
      const consumers = createJobConsumers({
        ...settings,
        jobs,
        topology,
        connection,
        publisher,
        sql,
        pauses,
        metrics,
        ages: ages(),
        tracer: untraced.tracer,
        server: {},
        log,
        now: () => new Date(),
        committed: () => {},
        ...overrides,
      });
      const running = Promise.all([agenda, ...consumers].map((one) => one.run(stop.signal)));
      const halt = async () => {
        stop.abort();
        await running;
      };
      stops.push(halt);
      return halt;
    },
    async take(queue) {
      const channel = await (await connection.current(never)).createChannel();
      const message = await channel.get(queue, { noAck: true });
      await channel.close();
      return message || undefined;
    },
    async close() {
      await Promise.all(stops.map((stop) => stop()));
      await Promise.all([connection.close(), publishing.close()]);
      await Promise.all([database.drop(), vhost.drop()]);
    },
  };
}
