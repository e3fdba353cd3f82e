// A consumer's writing and sealing of audit outcomes as a process of its own, which fails when it logs an error: DATABASE_URL COUNT
import { randomUUID } from "node:crypto";
import process from "node:process";
import pino from "pino";
import { createAuditSealer } from "../../../src/jobs/audit/sealer.ts";
import { appendAudit } from "../../../src/jobs/audit/audit-log.ts";
import { connectPostgres } from "../../../src/postgres/connect.ts";
import { runWorkers } from "../../support/run-workers.ts";

const [databaseUrl = "", count = ""] = process.argv.slice(2);
const sql = connectPostgres(databaseUrl, { max: 6 });
const stop = new AbortController();
const log = pino({ level: "error" }, {
  write(line) {
    process.stderr.write(line);
    process.exitCode = 1;
  },
});
const sealer = createAuditSealer({ sql, log, now: () => new Date() });
const sealing = runWorkers(sql, [sealer], stop.signal, 1);
await Promise.all(
  Array.from(
    { length: Number(count) },
    () =>
      sql.begin((transaction) =>
        appendAudit(transaction, { occurredAt: new Date(), job: "audit", action: "recorded", eventKey: randomUUID() })
      ),
  ),
);
stop.abort();
await sealing;
await sql.end();
