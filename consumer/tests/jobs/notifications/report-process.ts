// The sender of reports as a process of its own, for tests that kill it: DATABASE_URL PRODUCER_OPS_URL
import process from "node:process";
import pino from "pino";
import { createProducerReports } from "../../../src/jobs/notifications/reports/producer-reports.ts";
import { createReportQueue } from "../../../src/jobs/notifications/reports/report-queue.ts";
import { createReportSender } from "../../../src/jobs/notifications/reports/report-sender.ts";
import { unwatched } from "../../../src/outgoing/dependency-watch.ts";
import { connectPostgres } from "../../../src/postgres/connect.ts";
import { runWorkers } from "../../support/run-workers.ts";

const [databaseUrl = "", url = ""] = process.argv.slice(2);
const now = () => new Date();
const sql = connectPostgres(databaseUrl, { max: 4 });
const sender = createReportSender({
  queue: createReportQueue({ sql, leaseMs: 3_000, now }),
  tell: createProducerReports({ url, key: "ops-key" }),
  watch: unwatched,
  now,
  log: pino({ enabled: false }),
  backoff: { baseMs: 100, capMs: 100 },
  cooldown: { baseMs: 100, capMs: 100 },
});
await runWorkers(sql, [sender], new AbortController().signal, 50);
