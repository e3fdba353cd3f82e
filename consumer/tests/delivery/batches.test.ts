import { Buffer } from "node:buffer";
import fc from "fast-check";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Settled } from "../../src/delivery/job-transaction.ts";
import { readEvent, type ReceivedEvent } from "../../src/delivery/message.ts";
import { PermanentError } from "../../src/delivery/permanent-error.ts";
import { runBatch } from "../../src/delivery/run-batch.ts";
import { createTogetherRunner } from "../../src/delivery/run-job.ts";
import { createAnalyticsJob } from "../../src/jobs/analytics/analytics.ts";
import { createAuditJob } from "../../src/jobs/audit/audit.ts";
import { createAvailabilityJob } from "../../src/jobs/availability/availability.ts";
import { createCalendarJob } from "../../src/jobs/calendar/calendar.ts";
import type { Job } from "../../src/jobs/job.ts";
import { createNotificationsJob } from "../../src/jobs/notifications/notifications.ts";
import { fireReminders } from "../../src/jobs/notifications/reminder-queue.ts";
import { commands, tellings } from "../jobs/availability/commands.ts";
import { playHistory } from "../jobs/availability/oracle.ts";
import { writer } from "../jobs/notifications/notifications-harness.ts";
import type { RawEvent } from "../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

/** What may be wrong or odd about an event of a history. */
const twists = [
  "as it is",
  "repeated at once",
  "another event under its version",
  "unknown zone",
  "text that can't be stored",
  "year 0",
  "schema violated",
  "number added",
  "number removed",
  "patient erased",
] as const;
type Twist = (typeof twists)[number];

const twist = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Twist>("as it is") },
  { weight: 6, arbitrary: fc.constantFrom(...twists) },
);

const options = { sms: true, defaultLocale: "en", reminderLeadMinutes: [1440, 120], writer };
const jobs = [
  createAnalyticsJob(),
  createAuditJob(),
  createAvailabilityJob(),
  createCalendarJob(),
  createNotificationsJob({ ...options, calendars: false }),
  createNotificationsJob({ ...options, calendars: true }),
] as Job[];

let together: TestDatabase;
let oneByOne: TestDatabase;
beforeAll(async () => {
  [together, oneByOne] = await Promise.all([createTestDatabase(), createTestDatabase()]);
});
afterAll(() => Promise.all([together.drop(), oneByOne.drop()]));

/** Ids that follow from where they are asked for. */
function createIds(): () => string {
  let last = 0;
  return () => `00000000-0000-4000-8000-${String(++last).padStart(12, "0")}`;
}

function twisted(event: RawEvent, what: Twist, newId: () => string): RawEvent[] {
  const payload = event["payload"] as Record<string, unknown>;
  const withPayload = (more: object) => [{ ...event, payload: { ...payload, ...more } }];
  const isContact = event.eventName === "appointment.contact_changed";
  switch (what) {
    case "repeated at once":
      return [event, event];
    case "another event under its version":
      return [event, { ...event, eventId: newId() }];
    case "unknown zone":
      return withPayload({ timeZone: "Mars/Olympus_Mons" });
    case "text that can't be stored":
      return withPayload({ name: "Dr. \u0000", patientName: "\u0000", cancelledBy: "\u0000" });
    case "year 0":
      return withPayload({ appointmentDate: "0000-01-01T00:00:00Z" });
    case "schema violated":
      return withPayload({ doctorId: "" });
    case "number added":
      return isContact || event.eventName === "appointment.created"
        ? withPayload({ patientPhone: "+491701234567" })
        : [event];
    case "number removed":
      return isContact
        ? [{ ...event, payload: { patientEmail: "new@example.org", removed: ["patientPhone"] } }]
        : [event];
    case "patient erased":
      return [event, {
        eventName: "patient.erased",
        aggregateId: newId(),
        timestamp: String(event["timestamp"]),
        version: 1,
        eventId: newId(),
        aggregateVersion: 1,
        payload: { appointmentIds: [event["aggregateId"]] },
      }];
    default:
      return [event];
  }
}

/** As the deliveries of a job's queue are read; what cannot be read never comes to a transaction. */
function readable(job: Job, events: readonly RawEvent[]): ReceivedEvent[] {
  return events.flatMap((event) => {
    try {
      return [readEvent(job.name, { content: Buffer.from(JSON.stringify(event)), properties: {} })];
    } catch (error) {
      if (error instanceof PermanentError) return [];
      throw error;
    }
  });
}

const at = new Date("2026-03-05T12:00:00Z");
const told = (settled: Settled) =>
  settled.kind === "failed" ? { kind: "failed", error: (settled.error as Error).message } : settled;

/** What comes of the events in batches of these sizes, again and again; answers what was said of each. */
async function run(sql: Sql, job: Job, received: readonly ReceivedEvent[], sizes: readonly number[]) {
  const runTogether = createTogetherRunner({ sql, job, timeoutMs: 30_000, now: () => at, onWrite: () => {} });
  const all: object[] = [];
  for (let from = 0, turn = 0; from < received.length; turn++) {
    const batch = received.slice(from, from + sizes[turn % sizes.length]!);
    all.push(...(await runBatch(batch, runTogether, (task) => task())).map(told));
    from += batch.length;
  }
  return all;
}

const tables = [
  "inbox",
  "version_conflicts",
  "analytics_bookings",
  "availability_doctors",
  "availability_visits",
  "calendar_visits",
  "calendar_intents",
  "notification_doctors",
  "notification_visits",
  "notification_reminders",
  "erased_appointments",
  "sends",
  "audit_outcomes",
  "audit_unsealed",
];
/** What the database's own clock wrote, and numbers that have holes where something was refused. */
const left = ["id", "outcome_id", "next_attempt_at", "wanted_at", "created_by", "reference"];

/** All that the jobs keep; of the trail, which nobody can empty, what came after `since`. */
async function contents({ sql }: TestDatabase, since: string): Promise<Record<string, string[]>> {
  const numbers = new Map((await sql`select id from sends order by id`).map(({ id }, place) => [id, place]));
  const kept = await Promise.all(tables.map(async (table) => {
    const isNumbered = table === "sends" || table === "audit_outcomes";
    const rows = await sql.unsafe(
      `select * from ${table} ${table === "audit_outcomes" ? `where id > ${since}` : ""} ${
        isNumbered ? "order by id" : ""
      }`,
    );
    const lines = rows.map((row) => {
      const { send, ...detail } = row["detail"] ?? {};
      if (send !== undefined) row["detail"] = { ...detail, send: numbers.get(send) };
      return JSON.stringify(Object.entries(row).filter(([column]) => !left.includes(column)));
    });
    return [table, isNumbered ? lines : lines.sort()] as const;
  }));
  return Object.fromEntries(kept);
}

/** Answers the last number of the trail. */
async function empty({ sql }: TestDatabase): Promise<string> {
  await sql.unsafe(`truncate ${tables.filter((name) => name !== "audit_outcomes")} cascade`);
  const [row] = await sql<[{ last: string }]>`select coalesce(max(id), 0) as last from audit_outcomes`;
  return row.last;
}

test("a history in batches gives the tables and answers that it gives one by one, byte for byte", async () => {
  const seen = new Map<string, number>();
  const count = (what: string) => seen.set(what, (seen.get(what) ?? 0) + 1);
  await fc.assert(
    fc.asyncProperty(
      fc.record({
        commands,
        telling: tellings,
        twists: fc.array(twist, { minLength: 1, maxLength: 30 }),
        sizes: fc.array(fc.integer({ min: 2, max: 40 }), { minLength: 1, maxLength: 6 }),
        disorder: fc.array(fc.nat(6), { minLength: 1, maxLength: 30 }),
        job: fc.nat(jobs.length - 1),
      }),
      async ({ commands, telling, twists, sizes, disorder, job: place }) => {
        const job = jobs[place]!;
        const since = await Promise.all([empty(together), empty(oneByOne)]);
        const newId = createIds();
        const doctorIds = [newId(), newId()];
        const { events } = playHistory(doctorIds, newId, commands, { firstDay: Date.parse("2026-03-07"), telling });
        const hours = { timeZone: "Europe/Berlin", workingHours: [], exceptions: [] };
        const doctors = doctorIds.map((aggregateId, place) => ({
          eventName: "doctor.updated",
          aggregateId,
          timestamp: "2026-02-01T00:00:00Z",
          version: 1,
          eventId: newId(),
          payload: { name: "Doc", email: `doc-${place}@example.org`, ...hours },
        }));
        const history = [...doctors, ...events]
          .flatMap((event, place) => twisted(event, twists[place % twists.length]!, newId))
          .map((event, place) => ({ event, key: place + disorder[place % disorder.length]! }))
          .sort((a, b) => a.key - b.key)
          .map(({ event }) => event);
        const received = readable(job, history);
        // Twice: what waits has its predecessor by then, and the rest repeats.
        for (const round of [received, received]) {
          const [batched, single] = [
            await run(together.sql, job, round, sizes),
            await run(oneByOne.sql, job, round, [1]),
          ];
          expect(batched).toEqual(single);
          for (const one of single) count((one as { kind: string }).kind);
          expect(await contents(together, since[0])).toEqual(await contents(oneByOne, since[1]));
          for (const { sql } of [together, oneByOne]) {
            await fireReminders(sql, 100, new Date("2026-03-07T00:00:00Z"), options);
          }
        }
      },
    ),
    { numRuns: 60, seed: 20261127, endOnFailure: true },
  );
  expect([...seen.keys()].sort()).toEqual(["applied", "duplicate", "failed", "ignored", "wait"]);
}, 300_000);
