import { EventEmitter, once } from "node:events";
import { type ModelConnection, openConnection } from "./model/amqp-client.ts";
import type { Broker } from "./model/broker.ts";
import type { Database } from "./model/database.ts";
import { createSqlClient } from "./model/sql-client.ts";
import type { Running, World } from "./relay-process.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import { silent } from "./silent-telemetry.ts";

/** A model of the consumer's keepConnected: another connection a second or more after one is lost. */
function keepConnected(scheduler: Scheduler, broker: Broker, owner: Process) {
  const changes = new EventEmitter().setMaxListeners(0);
  let model: ModelConnection | undefined;

  function open(): void {
    const opened = openConnection(scheduler, broker, owner);
    model = opened;
    opened.once("close", () => {
      if (model === opened) model = undefined;
      scheduler.after(scheduler.between(1_000, 1_500), owner, open);
    });
    changes.emit("open");
  }
  open();
  return {
    current: async (signal: AbortSignal) => {
      while (!model) await once(changes, "open", { signal });
      return model;
    },
    isOpen: () => model !== undefined,
    lose: () => model?.lose(),
    silence: (ms: number) => model?.silence(ms),
  };
}

/** Two jobs of the consumer, wired as its service.ts does. */
export function startDelivery(
  { scheduler, services, broker, over }: World,
  database: Database,
  owner: Process,
): Running {
  const client = createSqlClient(scheduler, database, owner);
  const consuming = keepConnected(scheduler, broker, owner);
  const publishing = keepConnected(scheduler, broker, owner);
  const start = Date.UTC(2027, 0, 1);
  // deno-lint-ignore no-explicit-any -- the models have the part of the clients that the services use
  const [sql, connection, publishingConnection] = [client.sql as any, consuming as any, publishing as any];
  const consumers = services.createJobConsumers({
    jobs: [services.createAvailabilityJob(), services.createAnalyticsJob()],
    topology: services.topologyWith(undefined),
    connection,
    publisher: services.createPublisher(publishingConnection, 5_000),
    sql,
    metrics: silent,
    ages: () => (next) => next,
    server: {},
    tracer: silent,
    log: silent,
    now: () => new Date(start + scheduler.now()),
    pauses: services.neverPaused,
    committed: () => {},
    onWrite: () => {},
    prefetch: 10,
    concurrency: 3,
    jobTimeoutMs: 10_000,
    maxMessageBytes: 1_048_576,
    retryDelays: ["1s", "10s", "1m", "10m"],
    waitLimitMs: 3_600_000,
  });
  const stop = new AbortController();
  over.push(stop);
  for (const consumer of consumers) void consumer.run(stop.signal);
  return {
    cutDatabase: client.cut,
    silenceDatabase: client.silence,
    cutBroker: () => (scheduler.chance(0.7) ? consuming : publishing).lose(),
    silenceBroker: (ms) => (scheduler.chance(0.5) ? consuming : publishing).silence(ms),
    wake: () => {},
    lost() {
      client.cut();
      consuming.lose();
      publishing.lose();
    },
  };
}
