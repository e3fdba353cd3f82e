import type { Sql } from "postgres";
import { Buffer } from "node:buffer";
import { noProgress } from "../../src/cli/progress.ts";
import { type Config, readConfig } from "../../src/config.ts";
import { readEvent } from "../../src/delivery/message.ts";
import { createTogetherRunner } from "../../src/delivery/run-job.ts";
import { type JobName, jobs } from "../../src/generated/jobs.ts";
import { modules } from "../../src/jobs/modules.ts";
import { createReconcileCommand } from "../../src/reconcile/command.ts";
import type { ReconcileReport, Reported } from "../../src/reconcile/report.ts";
import { type CalendarServer, startCalendarServer } from "../jobs/calendar/calendar-server.ts";
import { settleCalendars } from "../jobs/calendar/settle.ts";
import { type ArchiveStandIn, startArchiveStandIn } from "../support/archive-stand-in.ts";
import type { Told } from "../support/restored-history.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

export interface ReconcileHarness {
  database: TestDatabase;
  sql: Sql;
  config: Config;
  archive: ArchiveStandIn;
  calendars: CalendarServer;
  /** The producer has published these, and each job but one handles them. */
  tell(events: Told[], except?: JobName, publishedAt?: Date): Promise<void>;
  /** Lets one job handle an event, whether or not it is archived. */
  handle(job: JobName, event: Told): Promise<void>;
  settle(): Promise<void>;
  /** `consumer reconcile --json …`. */
  reconcile(
    ...args: string[]
  ): Promise<{ code: number; differences: Reported[]; report: ReconcileReport; notes: string[] }>;
  close(): Promise<void>;
}

/** All jobs on one database, an archive and a calendar server, with everything that reconciliation compares. */
export async function createReconcileHarness(variables: Record<string, string> = {}): Promise<ReconcileHarness> {
  const [database, archive, calendars] = await Promise.all([
    createTestDatabase(),
    startArchiveStandIn(),
    startCalendarServer("clinic", "secret"),
  ]);
  const { sql } = database;
  const config = readConfig({
    DATABASE_URL: database.url,
    AMQP_URL: "amqp://localhost",
    JOBS: "none",
    PRODUCER_OPS_URL: archive.url,
    PRODUCER_OPS_KEY: archive.key,
    SMTP_URL: "smtp://127.0.0.1:1",
    MAIL_FROM: "clinic@clinic.example",
    CALDAV_URL: calendars.url,
    CALDAV_USERNAME: "clinic",
    CALDAV_PASSWORD: "secret",
    ...variables,
  });
  const runners = new Map(modules.map((module) => [
    module.name,
    createTogetherRunner({
      sql,
      job: module.job(config),
      timeoutMs: 10_000,
      now: () => new Date(),
      onWrite: () => {},
    }),
  ]));

  async function handle(job: JobName, event: Told): Promise<void> {
    if (!Object.hasOwn(jobs[job].events, event.eventName)) return;
    const content = Buffer.from(JSON.stringify(event));
    const [settled] = await runners.get(job)!([readEvent(job, { content, properties: {} })]);
    if (settled?.kind === "failed") throw settled.error;
  }

  return {
    database,
    sql,
    config,
    archive,
    calendars,
    handle,
    async tell(events, except, publishedAt) {
      for (const event of events) {
        const { eventId, eventName, aggregateId, timestamp } = event;
        const at = (publishedAt ?? new Date(timestamp)).toISOString();
        archive.events.push({ eventId, eventName, aggregateId, publishedAt: at, body: JSON.stringify(event) });
        for (const { name } of modules) if (name !== except) await handle(name, event);
      }
    },
    settle: () => settleCalendars(sql, calendars.url),
    async reconcile(...args) {
      const printed: string[] = [];
      const notes: string[] = [];
      const code = await createReconcileCommand(modules).run(["--json", ...args], {
        config,
        openDatabase: () => sql,
        print: (line) => printed.push(line),
        note: (line) => notes.push(line),
        progress: noProgress,
      });
      const lines = printed.map((line) => JSON.parse(line));
      return { code, differences: lines.slice(0, -1), report: lines.at(-1), notes };
    },
    async close() {
      await Promise.all([archive.close(), calendars.stop()]);
      await database.drop();
    },
  };
}

/** What of a row no comparison is about: numbers and times of its writing. */
const volatile: Record<string, readonly string[]> = {
  inbox: ["processed_at"],
  calendar_intents: ["revision", "next_attempt_at", "wanted_at", "etag", "claim", "leased_until"],
  sends: ["id", "due_at", "created_at", "updated_at"],
};
const tables = [
  "inbox",
  "analytics_bookings",
  "availability_visits",
  "availability_doctors",
  "calendar_visits",
  "calendar_intents",
  "notification_visits",
  "notification_doctors",
  "notification_reminders",
  "sends",
];

/** Every row of the jobs' tables as text, sorted; `whole` with what changes whenever a row is written. */
export async function contentsOf(sql: Sql, { whole = false } = {}): Promise<string[]> {
  const all = await Promise.all(tables.map(async (table) => {
    const left = whole ? [] : volatile[table] ?? [];
    const rows = await sql<{ text: string }[]>`
      select ${table} || ' ' || (to_jsonb(one) - ${[...left]}::text[])::text as text from ${sql(table)} as one`;
    return rows.map(({ text }) => text);
  }));
  const recorded = await sql<{ text: string }[]>`
    select 'record ' || (to_jsonb(one) - 'id')::text as text from audit_outcomes as one where action = 'recorded'`;
  return [...all.flat(), ...recorded.map(({ text }) => text)].sort();
}
