// A consumer's mail sender as a process of its own, for tests that kill it: DATABASE_URL SMTP_URL LEASE_MS
import process from "node:process";
import pino from "pino";
import { connectPostgres } from "../../../src/postgres/connect.ts";
import { createSendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { createMessageWriter } from "../../../src/jobs/notifications/message-writer.ts";
import { createNotificationSenders } from "../../../src/jobs/notifications/sender.ts";
import { createSmtpMailer } from "../../../src/jobs/notifications/smtp/mailer.ts";
import { readTemplates } from "../../../src/jobs/notifications/templates/template-store.ts";
import { runWorkers } from "../../support/run-workers.ts";

const [databaseUrl = "", smtpUrl = "", leaseMs = ""] = process.argv.slice(2);
const now = () => new Date();
const organizerEmail = "appointments@clinic.example";
const sql = connectPostgres(databaseUrl, { max: 6 });
const senders = createNotificationSenders({
  ledger: createSendLedger({ sql, leaseMs: Number(leaseMs), now }),
  writer: createMessageWriter({
    templates: readTemplates(),
    clinicName: "Clinic",
    organizerEmail,
    defaultLocale: "en",
  }),
  mailer: createSmtpMailer({
    url: smtpUrl,
    from: { name: "", address: organizerEmail },
    connections: 4,
    timeoutMs: 10_000,
  }),
  now,
  log: pino({ enabled: false }),
  concurrency: 4,
  backoff: { baseMs: 1000, capMs: 1000 },
  maxAttempts: 5,
  cooldown: { baseMs: 1000, capMs: 1000 },
});
await runWorkers(sql, senders, new AbortController().signal, 50);
