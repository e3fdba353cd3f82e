import process from "node:process";
import { keepConnected } from "../../src/broker/connection.ts";
import { createJobConsumers } from "../../src/delivery/job-consumers.ts";
import { createPublisher } from "../../src/broker/publisher.ts";
import { queues } from "../../src/generated/topology.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { untraced } from "../../src/telemetry/tracing.ts";
import { ages, settings, testJob } from "./delivery-harness.ts";
import { createAgenda } from "../../src/postgres/agenda.ts";
import { createJobPauses } from "../../src/postgres/job-pauses.ts";

// A consumer that begins with its first batch and never finishes it.
const urls = [process.env.AMQP_URL!];
const log = createLogger("info");
const sql = connectPostgres(process.env.DATABASE_URL!, { max: 10 });
const pauses = createJobPauses(["analytics"]);
const [consumer] = createJobConsumers({
  ...settings,
  jobTimeoutMs: 600_000,
  maxMessageBytes: 1_048_576,
  jobs: [testJob("analytics", async (event) => {
    log.info({ eventId: event.eventId }, "holding");
    return await new Promise<never>(() => {});
  })],
  topology: queues,
  connection: keepConnected({ urls, name: "test: consuming", log }),
  publisher: createPublisher(keepConnected({ urls, name: "test: publishing", log }), 5_000),
  sql,
  pauses,
  metrics: createMetrics(),
  ages: ages(),
  tracer: untraced.tracer,
  server: {},
  log,
  now: () => new Date(),
  committed: () => {},
});
const never = new AbortController().signal;
void createAgenda({ sql, log, items: pauses.items }).run(never);
await consumer!.run(never);
