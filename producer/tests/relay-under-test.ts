import { connectBroker } from "../src/amqp/connection.ts";
import { takeLeadership } from "../src/outbox/leadership.ts";
import { createProbe } from "../src/outbox/probe.ts";
import { createRelay } from "../src/outbox/relay.ts";
import { startRelayLoop } from "../src/outbox/relay-loop.ts";
import { createLog } from "../src/telemetry/log.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { untraced } from "../src/telemetry/tracing.ts";

export type RunningRelay = Awaited<ReturnType<typeof startRelay>>;

/** The real relay between a real database and a real broker, with shorter pauses. */
export function startRelay(databaseUrl: string, amqpUrl: string, options: { pollMs?: number } = {}) {
  const log = createLog("silent");
  const metrics = createMetrics({ outboxState: () => Promise.resolve({ pending: 0, failed: 0, oldestAgeSeconds: 0 }) });
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
      probe: createProbe({ firstMs: 200, longestMs: 1_000, largest: 100, random: Math.random }),
      nowMs: Date.now,
      metrics,
      tracer: untraced.tracer,
      log,
    }),
    takeLeadership: () => takeLeadership(databaseUrl),
    onLeader: () => {},
    pollMs: options.pollMs ?? 50,
    log,
  });
  return {
    loop,
    async metric(name: string): Promise<number> {
      return Number(new RegExp(`^${name} (.*)$`, "m").exec(await metrics.expose())?.[1]);
    },
    async stop() {
      await loop.stop();
      await broker.close();
    },
  };
}
