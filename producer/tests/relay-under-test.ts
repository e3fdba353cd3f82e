import { connectBroker } from "../src/amqp/connection.ts";
import { createCandidate } from "../src/outbox/leadership.ts";
import { createRelayStore } from "../src/outbox/outbox-store.ts";
import { createProbe } from "../src/outbox/probe.ts";
import { createRecorder } from "../src/outbox/recorder.ts";
import { connectDatabase } from "../src/postgres/database.ts";
import { createRelay } from "../src/outbox/relay.ts";
import { startRelayLoop } from "../src/outbox/relay-loop.ts";
import { createLog } from "../src/telemetry/log.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { untraced } from "../src/telemetry/tracing.ts";

export type RunningRelay = Awaited<ReturnType<typeof startRelay>>;

/** The real relay between a real database and a real broker, with shorter pauses. */
export function startRelay(
  databaseUrl: string,
  amqpUrl: string,
  options: { pollMs?: number; nowMs?: () => number; leaseMs?: number } = {},
) {
  const log = createLog("silent");
  const metrics = createMetrics({ outboxState: () => Promise.resolve({ pending: 0, failed: 0, oldestAgeSeconds: 0 }) });
  const sql = connectDatabase(databaseUrl, { max: 2, applicationName: "appointment-producer relay" });
  const pauses = { firstMs: 200, longestMs: 1_000, largest: 100, random: Math.random };
  let failures = 0;
  const broker = connectBroker({
    urls: [amqpUrl],
    confirmTimeoutMs: 5_000,
    log,
    onReady: () => loop.wake(),
  });
  const loop = startRelayLoop({
    relay: createRelay({
      publisher: broker.publisher,
      renewConnection: broker.renew,
      batchSize: 100,
      probe: createProbe(pauses),
      recorder: createRecorder(createProbe(pauses), () => {}),
      nowMs: Date.now,
      metrics,
      tracer: untraced.tracer,
      log,
    }),
    candidate: createCandidate({
      sql,
      holder: "a test",
      leaseMs: options.leaseMs ?? 1_000,
      pollMs: options.pollMs ?? 50,
      nowMs: options.nowMs ?? (() => performance.now()),
      onSucceeded: () => {},
    }),
    openStore: (term) => createRelayStore(sql, term),
    onFenced: () => metrics.fenced.inc(),
    onFailure: () => failures++,
    onLeader: () => {},
    pollMs: options.pollMs ?? 50,
    log,
  });
  return {
    loop,
    /** How often the database refused what the relay asked of it. */
    failures: () => failures,
    async metric(name: string): Promise<number> {
      return Number(new RegExp(`^${name} (.*)$`, "m").exec(await metrics.expose())?.[1]);
    },
    async stop() {
      await loop.stop();
      await broker.close();
      await sql.end({ timeout: 1 });
    },
  };
}
