import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createCalendarJob } from "../../../src/jobs/calendar/calendar.ts";
import { historyOf } from "./calendar-events.ts";
import { type CalendarServer, startCalendarServer } from "./calendar-server.ts";
import { settleCalendars } from "./settle.ts";
import { handleEvent, type RawEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

let database: TestDatabase;
let calendars: CalendarServer;
let visit: ReturnType<typeof historyOf>;
let path: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.sql`truncate calendar_visits, calendar_intents`;
  calendars = await startCalendarServer("clinic", "secret");
  calendars.tagsWrites = false;
  visit = historyOf(1);
  path = `house/${visit.aggregateId}.ics`;
});
afterEach(() => calendars.stop());

async function tell(event: RawEvent): Promise<void> {
  await handleEvent(database.sql, createCalendarJob(), event);
  await settleCalendars(database.sql, calendars.url);
}
const states = () => database.sql`select state from calendar_intents`;

test("a server that says no ETag when it stores an entry is asked for it, so that the entry can be moved and removed", async () => {
  await tell(visit.created());
  await tell(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
  expect(calendars.resources.get(path)).toContain("DTSTART:20260506T100000Z");
  await tell(visit.cancelled());
  expect(calendars.resources.size).toBe(0);
  expect(await states()).toEqual([{ state: "done" }]);
});

test("an edit between such a server's answer and the question is reported, and not written over", async () => {
  const edited = "changed by the doctor";
  calendars.intercept = (method) => method === "GET" ? void calendars.resources.set(path, edited) : undefined;
  await tell(visit.created());
  expect(await states()).toEqual([{ state: "conflict" }]);

  calendars.intercept = () => undefined;
  await tell(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
  expect(calendars.resources.get(path)).toBe(edited);
  expect(await states()).toEqual([{ state: "conflict" }]);
});

test("a removal between such a server's answer and the question is reported", async () => {
  calendars.intercept = (method) => method === "GET" ? void calendars.resources.delete(path) : undefined;
  await tell(visit.created());
  expect(await states()).toEqual([{ state: "conflict" }]);
});

const poor = ["weak", "weakened", "none"] as const;

test.each(poor)("with ETags that are %s an entry is written, moved and removed", async (etags) => {
  calendars.etags = etags;
  calendars.tagsWrites = true;
  await tell(visit.created());
  await tell(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
  expect(calendars.resources.get(path)).toContain("DTSTART:20260506T100000Z");
  await tell(visit.rescheduled("wilson", "2026-05-07T10:00:00Z"));
  expect([...calendars.resources.keys()]).toEqual([`wilson/${visit.aggregateId}.ics`]);
  await tell(visit.cancelled());
  expect(calendars.resources.size).toBe(0);
  expect(new Set((await states()).map(({ state }) => state))).toEqual(new Set(["done"]));
});

test.each(poor)("with ETags that are %s an edit is left as it is", async (etags) => {
  calendars.etags = etags;
  calendars.tagsWrites = true;
  await tell(visit.created());
  const edited = calendars.resources.get(path)!.replace("20260504T090000Z", "20260504T080000Z");
  calendars.resources.set(path, edited);
  await tell(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
  await tell(visit.cancelled());
  expect(calendars.resources.get(path)).toBe(edited);
  expect(await states()).toEqual([{ state: "conflict" }]);
});

test.each([["weakened", "strong"], ["strong", "weakened"]] as const)(
  "an entry whose ETag was %s and is %s by now, as by a proxy that came or went, is still ours: a lost write is done again",
  async (before, after) => {
    calendars.etags = before;
    await tell(visit.created());
    calendars.etags = after;
    let outages = 0;
    calendars.intercept = (method) => method === "PUT" && outages++ === 0 ? 503 : undefined;
    await tell(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
    expect(outages).toBeGreaterThan(1);
    expect(calendars.resources.get(path)).toContain("DTSTART:20260506T100000Z");
    await tell(visit.cancelled());
    expect(calendars.resources.size).toBe(0);
  },
);

test("entries are asked for as they are, so that no proxy compresses them", async () => {
  await tell(visit.created());
  await tell(visit.cancelled());
  expect(new Set(calendars.acceptedEncodings)).toEqual(new Set(["identity"]));
});
