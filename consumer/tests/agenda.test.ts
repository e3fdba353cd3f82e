import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, onTestFinished, test } from "vitest";
import { modules } from "../src/jobs/modules.ts";
import { readConfig } from "../src/config.ts";
import type { Worker } from "../src/outgoing/worker.ts";
import { type AgendaItem, createAgenda } from "../src/postgres/agenda.ts";
import { createJobPauses } from "../src/postgres/job-pauses.ts";
import { createAuditSealer } from "../src/jobs/audit/sealer.ts";
import { createLogger } from "../src/telemetry/logger.ts";
import { createMetrics } from "../src/telemetry/metrics.ts";
import { untraced } from "../src/telemetry/tracing.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const log = createLogger("silent");
const now = () => new Date();

/** What items are told by one look of an agenda. */
async function look(items: Pick<AgendaItem, "dueIn">[]): Promise<(number | null | undefined)[]> {
  const told: (number | null | undefined)[] = [];
  const stop = new AbortController();
  const asking = items.map(({ dueIn }, index) => ({
    dueIn,
    told(seconds: number | null | undefined) {
      told[index] = seconds;
      if (told.length === items.length) stop.abort();
    },
  }));
  await createAgenda({ sql: database.sql, log, items: asking }).run(stop.signal);
  return told;
}

function workersOf(variables: Record<string, string>): Worker[] {
  const { url, sql } = database;
  const config = readConfig({ DATABASE_URL: url, AMQP_URL: "amqp://127.0.0.1", ...variables });
  const dependencies = { config, sql, log, now, metrics: createMetrics(), tracer: untraced.tracer, audited() {} };
  return [...modules.flatMap(({ workers }) => workers?.(dependencies) ?? []), createAuditSealer({ sql, log, now })];
}

const mail = { SMTP_URL: "smtp://127.0.0.1:1", MAIL_FROM: "clinic@clinic.example" };
const sms = { SMS_URL: "http://127.0.0.1:1", SMS_ACCOUNT_SID: "AC0", SMS_AUTH_TOKEN: "secret", SMS_FROM: "+15550100" };
const caldav = { CALDAV_URL: "http://127.0.0.1:1", CALDAV_USERNAME: "clinic", CALDAV_PASSWORD: "secret" };

/** By worker, what it is to find due in a minute; and then at once. */
const makeDue: Record<string, (at: Date) => Promise<unknown>> = {
  "notifications-email": (at) => addSend("email", { due_at: at }),
  "notifications-sms": (at) => addSend("sms", { due_at: at }),
  // A minute after it became so.
  "notifications-unknown": (at) =>
    addSend("sms", { due_at: later(), state: "unknown", updated_at: new Date(at.getTime() - 60_000) }),
  "notifications-expiry": (at) => addSend("email", { due_at: later(), expires_at: at }),
  reminders: async (at) => {
    await database.sql`
      insert into notification_doctors values ('dr-1', 1, now(), 'Dr One', 'dr-1@example.org', null, 'UTC')`;
    await database.sql`
      insert into notification_visits
        (appointment_id, version, at, sequence, status, doctor_id, starts_at, duration_minutes, time_zone, patient_email)
      values (${visit}, 1, now(), 0, 'booked', 'dr-1', now(), 30, 'UTC', 'ann@example.org')`;
    await database.sql`insert into notification_reminders values (${visit}, 60, ${at})`;
  },
  calendar: async (at) => {
    await database.sql`insert into calendar_visits (appointment_id) values (${visit})`;
    await database.sql`
      insert into calendar_intents (appointment_id, doctor_id, state, next_attempt_at)
      values (${visit}, 'dr-1', 'pending', ${at})`;
  },
};
const visit = "3f0f9a52-7a52-4a3c-9d0b-2f3f6f2a7c11";
const later = () => new Date(Date.now() + 3_600_000);

type Columns = { due_at: Date; expires_at?: Date; state?: string; updated_at?: Date };

async function addSend(channel: string, columns: Columns) {
  const { sql } = database;
  const at = new Date();
  const row = { event_key: "e", channel, recipient: "r", template: "t", appointment_id: visit, content: sql.json({}) };
  await sql`insert into sends ${sql({ ...row, created_at: at, updated_at: at, ...columns } as never)}`;
}

async function empty() {
  await database.sql`truncate sends, notification_reminders, notification_visits, notification_doctors`;
  await database.sql`truncate calendar_intents, calendar_visits, audit_unsealed, job_pauses`;
}

test("every worker with a time to wait for is asked about here", () => {
  const timed = workersOf({ ...mail, ...sms, ...caldav }).map(({ name }) => name);
  expect([...timed].sort()).toEqual([...Object.keys(makeDue), "audit-sealer"].sort());
});

test.each(Object.keys(makeDue))("%s knows when its next work is due, and what is due already", async (name) => {
  const workers = workersOf({ ...mail, ...sms, ...caldav });
  const secondsOf = async () => (await look(workers))[workers.findIndex((worker) => worker.name === name)];
  await empty();
  expect(await look(workers)).toEqual(workers.map(() => null));
  await makeDue[name]!(new Date(Date.now() + 60_000));
  const seconds = await secondsOf();
  expect(seconds).toBeGreaterThan(40);
  expect(seconds).toBeLessThanOrEqual(60);
  await empty();
  await makeDue[name]!(new Date(Date.now() - 60_000));
  expect(await secondsOf()).toBeLessThanOrEqual(-60);
  await empty();
});

test("a lease that runs out, an unsealed outcome and an entry that nobody writes are due", async () => {
  const { sql } = database;
  await addSend("email", { due_at: new Date() });
  await sql`update sends set state = 'sending', lease_until = now() + interval '60 seconds'`;
  await sql`insert into audit_unsealed values (1)`;
  await makeDue["calendar"]!(later());
  const workers = workersOf(mail);
  const told = await look(workers);
  const due = Object.fromEntries(workers.map(({ name }, index) => [name, told[index]]));
  expect(due).toMatchObject({ "audit-sealer": 0, calendar: 0, "notifications-email": null });
  expect(due["notifications-expiry"]).toBeGreaterThan(40);
  await empty();
});

test.each([1, 2, 5])("the pauses of %i jobs are in the same statement", async (count) => {
  const { sql } = database;
  const jobs = modules.map(({ name }) => name).slice(0, count);
  await sql`insert into job_pauses values (${jobs.at(-1)!}, now() + interval '60 seconds')`;
  const told = await look(createJobPauses(jobs).items);
  expect(told.slice(0, -1)).toEqual(jobs.slice(1).map(() => null));
  expect(told.at(-1)).toBeGreaterThan(40);
  await empty();
});

test("one job's statement that fails leaves nobody waiting: all look for themselves until it is mended", async () => {
  const { sql } = database;
  const told: Record<string, (number | null | undefined)[]> = { sound: [], broken: [] };
  const items: AgendaItem[] = [
    { dueIn: (sql) => sql`select null`, told: (seconds) => told.sound!.push(seconds) },
    { dueIn: (sql) => sql`select seconds from not_there_yet`, told: (seconds) => told.broken!.push(seconds) },
  ];
  const stop = new AbortController();
  const running = createAgenda({ sql, log, items, everyMs: 10 }).run(stop.signal);
  onTestFinished(async () => {
    stop.abort();
    await running;
  });
  await expect.poll(() => told.sound!.length).toBeGreaterThan(2);
  expect(new Set([...told.sound!, ...told.broken!])).toEqual(new Set([undefined]));
  await sql`create table not_there_yet as select 7 as seconds`;
  await expect.poll(() => [told.sound!.at(-1), told.broken!.at(-1)]).toEqual([null, 7]);
});

test("an agenda asks once for all, however many there are", async () => {
  let asked = 0;
  const sql = Object.assign((...args: Parameters<typeof database.sql>) => {
    const query = database.sql(...args);
    const { then } = query;
    // Fragments are never awaited.
    query.then = ((...handlers: Parameters<typeof then>) => {
      asked += 1;
      return then.apply(query, handlers);
    }) as typeof then;
    return query;
  }, database.sql);
  const stop = new AbortController();
  const items = [
    ...workersOf({ ...mail, ...sms, ...caldav }),
    ...createJobPauses(modules.map(({ name }) => name)).items,
  ];
  const running = createAgenda({ sql, log, items: items.map(({ dueIn }) => ({ dueIn, told() {} })) }).run(stop.signal);
  await sleep(100);
  stop.abort();
  await running;
  expect(asked).toBe(1);
});
