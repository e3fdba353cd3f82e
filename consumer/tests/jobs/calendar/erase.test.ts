import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createCalendarJob } from "../../../src/jobs/calendar/calendar.ts";
import { handleEvent, type RawEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { historyOf } from "./calendar-events.ts";
import { type CalendarServer, startCalendarServer } from "./calendar-server.ts";
import { settleCalendars } from "./settle.ts";

let database: TestDatabase;
let calendars: CalendarServer;
const job = createCalendarJob();

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  calendars = await startCalendarServer("clinic", "secret");
  await database.sql`truncate calendar_visits, calendar_intents`;
});
afterEach(() => calendars.stop());

const handle = (event: RawEvent) => handleEvent(database.sql, job, event);
const settle = () => settleCalendars(database.sql, calendars.url);

function erased(...appointmentIds: string[]): RawEvent {
  return {
    eventName: "patient.erased",
    aggregateId: "00000000-0000-4000-9000-000000000001",
    timestamp: "2026-04-02T10:00:00Z",
    version: 1,
    payload: { appointmentIds },
  };
}

test("the entry of an erased patient's visit keeps its time and loses its text, whatever is told again", async () => {
  const visit = historyOf(1);
  const created = visit.created();
  await handle(created);
  await settle();
  const path = `house/${visit.aggregateId}.ics`;
  expect(calendars.resources.get(path)).toContain(`DESCRIPTION:Reference ${visit.aggregateId}`);

  await handle(erased(visit.aggregateId));
  await settle();
  const content = calendars.resources.get(path) ?? "";
  expect(content).toContain("DTSTART:20260504T090000Z");
  expect(content).not.toContain("DESCRIPTION");

  await handle(created);
  await handle(visit.arrived());
  await settle();
  expect(calendars.resources.get(path)).toBe(content);
  await handle(visit.cancelled());
  await settle();
  expect(calendars.resources.has(path)).toBe(false);
});

test("an erasure that overtakes the booking counts for it", async () => {
  const visit = historyOf(2);
  await handle(erased(visit.aggregateId));
  await handle(visit.created());
  await settle();
  expect(calendars.resources.get(`house/${visit.aggregateId}.ics`)).not.toContain("DESCRIPTION");
});
