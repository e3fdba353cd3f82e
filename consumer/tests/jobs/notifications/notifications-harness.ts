import pino from "pino";
import type { Sql } from "postgres";
import { onTestFinished } from "vitest";
import type { NotificationsEvent } from "../../../src/generated/jobs.ts";
import type { JobOutcome } from "../../../src/jobs/job.ts";
import {
  createNotificationsJob,
  type NotificationsDependencies,
} from "../../../src/jobs/notifications/notifications.ts";
import { createSendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { createMessageWriter } from "../../../src/jobs/notifications/message-writer.ts";
import {
  createNotificationSenders,
  type NotificationSendersDependencies,
} from "../../../src/jobs/notifications/sender.ts";
import type { Worker } from "../../../src/outgoing/worker.ts";
import { decide } from "../../support/decide.ts";
import { runWorkers } from "../../support/run-workers.ts";
import { createSmtpMailer, type Mailer } from "../../../src/jobs/notifications/smtp/mailer.ts";
import { readTemplates } from "../../../src/jobs/notifications/templates/template-store.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

export const writer = createMessageWriter({
  templates: readTemplates(),
  clinicName: "Clinic at the Park",
  organizerEmail: "appointments@clinic.example",
  defaultLocale: "en",
});

export interface Harness extends TestDatabase {
  /** The time that job and senders see; tests move it. */
  clock: { ms: number };
  /** Handles an event as the consumer does; without an inbox. */
  deliver(event: NotificationsEvent, options?: Partial<NotificationsDependencies>): Promise<JobOutcome>;
  mailer(url: string, timeoutMs?: number): Mailer;
  senders(deps: Pick<NotificationSendersDependencies, "mailer"> & Partial<NotificationSendersDependencies>): Worker[];
  /** How many sends are in each state. */
  states(): Promise<Record<string, number>>;
  empty(): Promise<void>;
}

export async function createHarness(): Promise<Harness> {
  const database = await createTestDatabase();
  const { sql } = database;
  const clock = { ms: Date.parse("2026-11-23T08:10:00Z") };
  const now = () => new Date(clock.ms);

  return {
    ...database,
    clock,
    async deliver(event, options = {}) {
      const job = createNotificationsJob({
        sms: true,
        defaultLocale: "en",
        reminderLeadMinutes: [],
        writer,
        ...options,
      });
      const context = { eventKey: event.eventId ?? "", now: now() };
      return await sql.begin((transaction) => decide(transaction, job, event, context)) as JobOutcome;
    },
    mailer: (url, timeoutMs = 5000) =>
      createSmtpMailer({
        url,
        from: { name: "Clinic at the Park", address: "appointments@clinic.example" },
        connections: 4,
        timeoutMs,
      }),
    senders: (deps) =>
      createNotificationSenders({
        ledger: createSendLedger({ sql, leaseMs: 600_000, now }),
        writer,
        now,
        log: pino({ enabled: false }),
        concurrency: 4,
        backoff: { baseMs: 60_000, capMs: 3_600_000 },
        maxAttempts: 20,
        cooldown: { baseMs: 1000, capMs: 60_000 },
        ...deps,
      }),
    async states() {
      const rows = await sql<{ state: string; count: number }[]>`
        select state, count(*)::integer as count from sends group by state`;
      return Object.fromEntries(rows.map((row) => [row.state, row.count]));
    },
    async empty() {
      await sql`truncate sends, notification_reminders, notification_visits, notification_doctors, bounce_mailboxes`;
    },
  };
}

/** Runs workers until the test is finished. */
export function run(sql: Sql, workers: Worker[]): void {
  const stop = new AbortController();
  const running = runWorkers(sql, workers, stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
}
