import { setMaxListeners } from "node:events";
import process from "node:process";
import { parseArgs } from "node:util";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { modules } from "./jobs/modules.ts";
import { surviveLostTypeQuery } from "./postgres/survive-lost-type-query.ts";
import { errorText } from "./telemetry/error-text.ts";
import { createLogger } from "./telemetry/logger.ts";
import { openTracing } from "./telemetry/tracing.ts";
import { runService } from "./service.ts";

const usage = `Usage: consumer serve [--only JOB,JOB]

  --only JOBS  run only these jobs in this process (as the variable JOBS does)
  --help       print this

Everything else is set in the environment: see .env.example.`;

const flushTimeoutMs = 2_000;

/** Runs the service until it is told to stop; answers the exit code. */
export async function start(args: string[]): Promise<number> {
  let only: string | undefined;
  try {
    const options = { only: { type: "string" }, help: { type: "boolean", short: "h" } } as const;
    const { values } = parseArgs({ args, options });
    if (values.help) {
      console.log(usage);
      return 0;
    }
    only = values.only;
  } catch (error) {
    console.error(`${(error as Error).message}\n\n${usage}`);
    return 2;
  }
  let config: Config;
  try {
    config = readConfig({ ...process.env, ...(only !== undefined && { JOBS: only }) });
  } catch (error) {
    console.error(error instanceof ConfigError ? error.message : error);
    return 1;
  }
  const log = createLogger(config.logLevel);
  for (const warning of config.warnings) log.warn(warning);
  surviveLostTypeQuery(log);
  const tracing = await openTracing({ endpoint: config.tracesEndpoint, flushTimeoutMs, log });
  const stop = new AbortController();
  // Every consumer and worker waits for it.
  setMaxListeners(0, stop.signal);
  for (const signal of ["SIGTERM", "SIGINT"]) {
    process.on(signal, () => {
      log.info({ signal }, "shutting down");
      stop.abort();
    });
  }
  try {
    await runService(modules, config, tracing.tracer, log, stop.signal);
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
