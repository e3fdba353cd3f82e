import type { Publisher } from "../../producer/src/amqp/publisher.ts";
import type { Broker } from "./model/broker.ts";
import { type ModelConnection, openConnection } from "./model/amqp-client.ts";
import type { Database } from "./model/database.ts";
import { createSqlClient } from "./model/sql-client.ts";
import type { Process, Scheduler } from "./scheduler.ts";
import type { Services } from "./services.ts";
import { silent } from "./silent-telemetry.ts";

export const leaseMs = 5_000;
const confirmTimeoutMs = 5_000;
const pollMs = 1_000;
/** So small that two batches are under way while a visit's events come. */
const batchSize = 2;

export interface World {
  scheduler: Scheduler;
  services: Services;
  broker: Broker;
  /** Aborted after the schedule: Node keeps joined signals for as long as one of theirs may come. */
  over: AbortController[];
}

/** What a fault can hit. */
export interface Running {
  cutDatabase(): void;
  silenceDatabase(ms: number): void;
  cutBroker(): void;
  silenceBroker(ms: number): void;
  wake(): void;
  /** The process is gone: its connections go with it. */
  lost(): void;
}

/** The producer's relay, wired as outbox/run-relay.ts does, without the API; the connection is kept by a model of connectBroker. */
export function startRelay({ scheduler, services, broker }: World, database: Database, owner: Process): Running {
  const client = createSqlClient(scheduler, database, owner);
  // deno-lint-ignore no-explicit-any -- the model has the part of postgres.js that the services use
  const sql = client.sql as any;
  let connection: ModelConnection | undefined;
  let publisher: Publisher | undefined;

  async function connect(): Promise<void> {
    const opened = openConnection(scheduler, broker, owner);
    connection = opened;
    opened.once("close", () => {
      publisher = undefined;
      scheduler.after(scheduler.between(1_000, 1_500), owner, () => void connect());
    });
    const channel = await opened.createConfirmChannel();
    if (!opened.isOpen()) return;
    const options = { exchange: "appointments.ex", confirmTimeoutMs };
    // deno-lint-ignore no-explicit-any -- as above, of amqplib
    publisher = services.relayPublisher.createPublisher(channel as any, options);
    loop.wake();
  }

  const pauses = { firstMs: 1_000, longestMs: 30_000, largest: batchSize, random: scheduler.random };
  const loop = services.startRelayLoop({
    relay: services.createRelay({
      publisher: () => publisher,
      renewConnection: () => {
        publisher = undefined;
        connection?.lose();
      },
      batchSize,
      probe: services.createProbe(pauses),
      recorder: services.createRecorder(services.createProbe(pauses), () => {}),
      nowMs: scheduler.now,
      metrics: silent,
      tracer: silent,
      log: silent,
    }),
    candidate: services.createCandidate({
      sql,
      holder: owner.name,
      leaseMs,
      pollMs,
      nowMs: scheduler.now,
      onSucceeded: () => {},
    }),
    openStore: (term) => services.createRelayStore(sql, term),
    onLeader: () => {},
    onFenced: () => {},
    onFailure: () => {},
    pollMs,
    log: silent,
  });
  void connect();
  return {
    cutDatabase: client.cut,
    silenceDatabase: client.silence,
    cutBroker: () => connection?.lose(),
    silenceBroker: (ms) => connection?.silence(ms),
    wake: loop.wake,
    lost() {
      client.cut();
      connection?.lose();
    },
  };
}
