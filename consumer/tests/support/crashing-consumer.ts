import process from "node:process";
import { keepConnected } from "../../src/broker/connection.ts";
import { createJobConsumers } from "../../src/delivery/job-consumers.ts";
import { createPublisher } from "../../src/broker/publisher.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { untraced } from "../../src/telemetry/tracing.ts";
import { ages, hastyTopology, settings } from "./delivery-harness.ts";
import { suspectJob } from "./suspect-job.ts";
import { neverPaused } from "../../src/postgres/job-pauses.ts";

// A consumer that events take down, or occupy for long.
const urls = [process.env.AMQP_URL!];
const log = createLogger("info");
const publishing = keepConnected({ urls, name: "test: publishing", log });
const [consumer] = createJobConsumers({
  ...settings,
  jobTimeoutMs: 30_000,
  jobs: [suspectJob()],
  apart: new URL("./suspect-apart.ts", import.meta.url),
  topology: hastyTopology(),
  connection: keepConnected({ urls, name: "test: consuming", log }),
  publisher: createPublisher(publishing, 5_000),
  sql: connectPostgres(process.env.DATABASE_URL!, { max: 10 }),
  metrics: createMetrics(),
  ages: ages(),
  tracer: untraced.tracer,
  server: {},
  log,
  now: () => new Date(),
  pauses: neverPaused,
  committed: () => {},
});
await consumer!.run(new AbortController().signal);
