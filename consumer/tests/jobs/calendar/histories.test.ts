import { Buffer } from "node:buffer";
import { randomUUID } from "node:crypto";
import fc from "fast-check";
import type { Sql } from "postgres";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEvent } from "../../../src/delivery/message.ts";
import { type JobName, jobs } from "../../../src/generated/jobs.ts";
import { createAnalyticsJob } from "../../../src/jobs/analytics/analytics.ts";
import { createAuditJob } from "../../../src/jobs/audit/audit.ts";
import { createAvailabilityJob } from "../../../src/jobs/availability/availability.ts";
import { createCalendarJob } from "../../../src/jobs/calendar/calendar.ts";
import { createJobRunner } from "../../../src/delivery/run-job.ts";
import { commands, shuffled, tellings } from "../availability/commands.ts";
import { playHistory } from "../availability/oracle.ts";
import { type CalendarServer, startCalendarServer } from "./calendar-server.ts";
import { settleCalendars } from "./settle.ts";
import type { RawEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

interface Clinic {
  database: TestDatabase;
  calendars: CalendarServer;
}

const firstDay = Date.parse("2026-05-04T00:00:00Z");
let inOrder: Clinic;
let inDisorder: Clinic;

async function openClinic(): Promise<Clinic> {
  return { database: await createTestDatabase(), calendars: await startCalendarServer("clinic", "secret") };
}
beforeAll(async () => {
  inOrder = await openClinic();
  inDisorder = await openClinic();
});
afterAll(async () => {
  for (const { database, calendars } of [inOrder, inDisorder]) {
    await calendars.stop();
    await database.drop();
  }
});

/** Gives the event to every job that receives it, as a delivery from its queue. */
async function deliver({ database }: Clinic, event: RawEvent): Promise<void> {
  const content = Buffer.from(JSON.stringify(event));
  for (const job of [createAvailabilityJob(), createAuditJob(), createCalendarJob(), createAnalyticsJob()]) {
    if (!(event.eventName in jobs[job.name as JobName].events)) continue;
    const run = createJobRunner({ sql: database.sql, job, timeoutMs: 5000, now: () => new Date(), onWrite: () => {} });
    await run(readEvent(job.name, { content, properties: {} }));
  }
}

const settle = ({ database, calendars }: Clinic) => settleCalendars(database.sql, calendars.url);

async function tables(sql: Sql) {
  return {
    visits: [...await sql`select * from availability_visits order by appointment_id`],
    doctors: [...await sql`select * from availability_doctors order by doctor_id`],
    calendarVisits: [...await sql`select * from calendar_visits order by appointment_id`],
    calendarIntents: [
      ...await sql`
        select appointment_id, doctor_id, content, state, written from calendar_intents
        order by appointment_id, doctor_id`,
    ],
    bookings: [...await sql`select * from analytics_bookings order by appointment_id`],
    recorded: [
      ...await sql`
        select event_key, event_name, aggregate_id, occurred_at, detail from audit_outcomes where action = 'recorded'
        order by event_key`,
    ],
  };
}

test(
  "histories in any order and with repetitions lead to the same tables and calendars, without an extra write",
  async () => {
    await fc.assert(
      fc.asyncProperty(commands, tellings, fc.infiniteStream(fc.nat()), async (commands, telling, randoms) => {
        const doctorIds = [randomUUID(), randomUUID()];
        const { events } = playHistory(doctorIds, randomUUID, commands, { firstDay, telling });

        for (const [index, event] of events.entries()) {
          await deliver(inOrder, event);
          if (index % 5 === 4) await settle(inOrder);
        }
        await settle(inOrder);

        const before = new Set(inDisorder.calendars.resources.keys());
        inDisorder.calendars.changes.length = 0;
        for (const event of shuffled(events, randoms)) await deliver(inDisorder, event);
        await settle(inDisorder);

        expect(await tables(inDisorder.database.sql)).toEqual(await tables(inOrder.database.sql));
        const { resources, changes } = inDisorder.calendars;
        expect(new Map([...resources].sort())).toEqual(new Map([...inOrder.calendars.resources].sort()));
        expect(changes.toSorted()).toEqual(
          [...resources.keys()].filter((path) => !before.has(path)).map((path) => `PUT ${path}`).sort(),
        );

        for (const event of events) await deliver(inDisorder, event);
        await settle(inDisorder);
        expect(changes).toHaveLength(resources.size - before.size);
      }),
      { numRuns: 20 },
    );
  },
  90_000,
);
