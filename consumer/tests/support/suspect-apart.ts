// What src/apart.ts is to src/main.ts, for the crashing consumer.
import process from "node:process";
import { readEvent } from "../../src/delivery/message.ts";
import { createJobRunner } from "../../src/delivery/run-job.ts";
import { serveApart } from "../../src/delivery/serve-apart.ts";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { suspectJob } from "./suspect-job.ts";

const runJob = createJobRunner({
  sql: connectPostgres(process.env.DATABASE_URL!, { max: 1 }),
  job: suspectJob(),
  timeoutMs: 30_000,
  now: () => new Date(),
  onWrite: () => {},
});
serveApart(async (message) => await runJob(readEvent("analytics", message)));
