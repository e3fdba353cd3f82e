import process from "node:process";
import { parseArgs } from "node:util";
import { type Config, ConfigError, readConfig } from "./config.ts";
import { surviveLostTypeQuery } from "./postgres/survive-lost-type-query.ts";
import { errorText } from "./telemetry/error-text.ts";
import { createLogger } from "./telemetry/logger.ts";
import { createTracing, untraced } from "./telemetry/tracing.ts";
import { runService } from "./service.ts";

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

const flushTimeoutMs = 2_000;

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
      log.info({ signal }, "shutting down");
      stop.abort();
    });
  }
  try {
    await runService(config, tracing.tracer, log, stop.signal);
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
