import type { Attributes, Tracer } from "@opentelemetry/api";
import type { BrokerConnection } from "../amqp/connection.ts";
import type { Sql } from "../postgres/database.ts";
import type { Log } from "../telemetry/log.ts";
import type { Metrics } from "../telemetry/metrics.ts";
import { createCandidate } from "./leadership.ts";
import { createRelayStore } from "./outbox-store.ts";
import { createProbe } from "./probe.ts";
import { createRecorder } from "./recorder.ts";
import { createRelay } from "./relay.ts";
import { type RelayLoop, startRelayLoop } from "./relay-loop.ts";

/** Runs the relay of this process, which publishes as long as it leads. */
export function runRelay(deps: {
  /** Two connections, one for its batches, one for its lease; a follower needs one. */
  sql: Sql;
  broker: Pick<BrokerConnection, "publisher" | "renew">;
  /** Who this is, for people who read the lease or the log. */
  holder: string;
  batchSize: number;
  leaseMs: number;
  pollMs: number;
  /** Between two attempts while the broker refuses. */
  pauses?: { firstMs: number; longestMs: number };
  /** Never goes backwards. */
  nowMs?: () => number;
  /** What a write to the outbox ended with; undefined when it was taken. */
  onWrite: (failure: unknown) => void;
  metrics: Metrics;
  tracer: Tracer;
  /** The broker, for spans. */
  server?: Attributes | undefined;
  log: Log;
}): RelayLoop {
  const { sql, broker, batchSize, metrics, tracer, server, log } = deps;
  const { firstMs, longestMs } = deps.pauses ?? { firstMs: 1_000, longestMs: 30_000 };
  const newProbe = () => createProbe({ firstMs, longestMs, largest: batchSize, random: Math.random });
  return startRelayLoop({
    relay: createRelay({
      publisher: broker.publisher,
      renewConnection: broker.renew,
      batchSize,
      probe: newProbe(),
      recorder: createRecorder(newProbe(), () => deps.onWrite(undefined)),
      // A wall clock that was set back would make a pause as much longer.
      nowMs: () => performance.now(),
      metrics,
      tracer,
      server,
      log,
    }),
    candidate: createCandidate({
      sql,
      holder: deps.holder,
      leaseMs: deps.leaseMs,
      pollMs: deps.pollMs,
      nowMs: deps.nowMs ?? (() => performance.now()),
      onSucceeded: (former) => log.warn({ former }, "relay lease taken over: its holder stopped renewing it"),
    }),
    openStore: (term) => createRelayStore(sql, term),
    onFenced: () => metrics.fenced.inc(),
    onFailure: deps.onWrite,
    onLeader: (isLeader) => metrics.leader.set(isLeader ? 1 : 0),
    pollMs: deps.pollMs,
    log,
  });
}
