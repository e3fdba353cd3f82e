// Runs one message of the job in JOBS for the consumer, which sees by the end of this process what a message does to one.
import process from "node:process";
import { readConfig } from "./config.ts";
import { readEvent } from "./delivery/message.ts";
import { createOpenTogether } from "./delivery/open-together.ts";
import { createJobRunner } from "./delivery/run-job.ts";
import { serveApart } from "./delivery/serve-apart.ts";
import { modules } from "./jobs/modules.ts";
import { openPatientKeys } from "./patient-keys/open-patient-keys.ts";
import { connectPostgres, statementTimeoutWithin } from "./postgres/connect.ts";
import { surviveLostTypeQuery } from "./postgres/survive-lost-type-query.ts";
import { createLogger } from "./telemetry/logger.ts";

const config = readConfig(process.env);
const { url, pool: _, ...database } = config.database;
const { jobTimeoutMs } = config.delivery;
surviveLostTypeQuery(createLogger(config.logLevel));
const job = modules.find(({ name }) => config.jobs.includes(name))!.job(config);
const runJob = createJobRunner({
  sql: connectPostgres(url, { ...database, max: 1, statementTimeoutMs: statementTimeoutWithin(jobTimeoutMs) }),
  job,
  timeoutMs: jobTimeoutMs,
  now: () => new Date(),
  onWrite: () => {},
});
const openTogether = createOpenTogether(job.name, openPatientKeys(config)?.findKeys);
serveApart(async (message, traceparent) => {
  const received = { ...readEvent(job.name, message), traceparent };
  const [opened] = await openTogether([received], (question) => question());
  if (opened instanceof Error) throw opened;
  return await runJob(opened!);
});
