import { connectBroker } from "../src/amqp/connection.ts";
import { runRelay } from "../src/outbox/run-relay.ts";
import { connectDatabase } from "../src/postgres/database.ts";
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
  let failures = 0;
  const broker = connectBroker({
    urls: [amqpUrl],
    confirmTimeoutMs: 5_000,
    log,
    onReady: () => loop.wake(),
  });
  const loop = runRelay({
    sql,
    broker,
    holder: "a test",
    batchSize: 100,
    leaseMs: options.leaseMs ?? 1_000,
    pollMs: options.pollMs ?? 50,
    pauses: { firstMs: 200, longestMs: 1_000 },
    ...(options.nowMs && { nowMs: options.nowMs }),
    onWrite: (failure) => failures += failure === undefined ? 0 : 1,
    metrics,
    tracer: untraced.tracer,
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
