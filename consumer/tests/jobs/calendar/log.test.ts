import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCalendarJob } from "../../../src/jobs/calendar/calendar.ts";
import { historyOf } from "./calendar-events.ts";
import { type CalendarServer, startCalendarServer } from "./calendar-server.ts";
import { settleCalendars } from "./settle.ts";
import { handleEvent, type RawEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

let database: TestDatabase;
let calendars: CalendarServer;

beforeAll(async () => {
  database = await createTestDatabase();
  calendars = await startCalendarServer("clinic", "secret");
});
afterAll(async () => {
  await calendars.stop();
  await database.drop();
});

/** What is logged when the event takes effect in the calendar. */
async function logOf(event: RawEvent): Promise<Record<string, unknown>[]> {
  const lines: Record<string, unknown>[] = [];
  const log = pino({ base: {}, timestamp: false }, { write: (line) => void lines.push(JSON.parse(line)) });
  await handleEvent(database.sql, createCalendarJob(), event);
  await settleCalendars(database.sql, calendars.url, log);
  return lines;
}

test("what is written, removed, put off or left alone in a calendar is logged with its event and request", async () => {
  const visit = historyOf(1);
  const created = visit.created();
  const common = {
    sender: "calendar",
    correlationId: "request-1",
    aggregateId: visit.aggregateId,
    doctorId: "house",
  };
  expect(await logOf(created)).toEqual([
    { ...common, level: 30, eventId: created.eventId, msg: "calendar entry written" },
  ]);
  expect(await logOf(created)).toEqual([]);

  let refusals = 0;
  calendars.intercept = () => refusals++ === 0 ? 403 : undefined;
  const moved = visit.rescheduled("house", "2026-05-06T10:00:00Z");
  expect(await logOf(moved)).toEqual([
    {
      ...common,
      level: 50,
      eventId: moved.eventId,
      err: expect.anything(),
      refusal: "authentication",
      msg: "writing a calendar entry failed",
    },
    { ...common, level: 30, eventId: moved.eventId, msg: "calendar entry written" },
  ]);

  const cancelled = visit.cancelled();
  expect(await logOf(cancelled)).toEqual([
    { ...common, level: 30, eventId: cancelled.eventId, msg: "calendar entry removed" },
  ]);
  const [audited] = await database.sql`select event_key from audit_outcomes where action = 'removed'`;
  expect(audited).toEqual({ event_key: cancelled.eventId });
});
