import process from "node:process";
import { keepConnected } from "../../src/broker/connection.ts";
import { createJobConsumers } from "../../src/delivery/job-consumers.ts";
import { createPublisher } from "../../src/broker/publisher.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { createMetrics } from "../../src/telemetry/metrics.ts";
import { untraced } from "../../src/telemetry/tracing.ts";
import { applied, hastyTopology, settings, testJob } from "./delivery-harness.ts";

// A consumer that the event of the doctor "poison" takes down, the hard way.
const urls = [process.env.AMQP_URL!];
const log = createLogger("info");
const publishing = keepConnected({ urls, name: "test: publishing", log });
const [consumer] = createJobConsumers({
  ...settings,
  jobs: [testJob("analytics", async (event, transaction) => {
    if (event.payload.doctorId === "poison") process.kill(process.pid, "SIGKILL");
    await transaction`insert into effects (event_id) values (${event.eventId})`;
    return applied;
  })],
  topology: hastyTopology(),
  connection: keepConnected({ urls, name: "test: consuming", log }),
  publisher: createPublisher(publishing, 5_000),
  sql: connectPostgres(process.env.DATABASE_URL!, { max: 10 }),
  metrics: createMetrics(),
  tracer: untraced.tracer,
  log,
  now: () => new Date(),
  committed: () => {},
});
await consumer!.run(new AbortController().signal);
