import process from "node:process";
import { configure, warningsOf } from "./config.ts";
import { surviveLostTypeQuery } from "./postgres/survive-lost-type-query.ts";
import { createService } from "./service.ts";
import { errorText } from "./telemetry/error-text.ts";
import { createLog } from "./telemetry/log.ts";
import { openTracing } from "./telemetry/tracing.ts";

const config = configure();
const log = createLog(config.LOG_LEVEL);
for (const warning of warningsOf(config)) log.warn(warning);
surviveLostTypeQuery(log);
const tracing = await openTracing({
  endpoint: config.OTEL_EXPORTER_OTLP_ENDPOINT,
  flushTimeoutMs: Math.min(2_000, config.SHUTDOWN_TIMEOUT_MS / 4),
  log,
});
const service = createService(config, { log, tracing });
let stopping = false;

for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => void shutDown(signal));
await service.start(fail);

async function shutDown(signal: string): Promise<void> {
  // Below npm and tsx a signal comes twice: once to the whole group, once passed on.
  if (stopping) return;
  stopping = true;
  log.info({ signal }, "shutting down");
  setTimeout(() => {
    log.error("shutdown timed out; events that are left stay in the outbox");
    process.exit(1);
  }, config.SHUTDOWN_TIMEOUT_MS).unref();
  await service.stop();
  log.info("stopped");
  process.exit(0);
}

function fail(error: Error, what: string): never {
  log.fatal({ err: { message: errorText(error) } }, what);
  process.exit(1);
}
