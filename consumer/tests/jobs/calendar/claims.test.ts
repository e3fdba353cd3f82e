import pino from "pino";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createCalendarSender } from "../../../src/jobs/calendar/calendar-sender.ts";
import { createCalendarJob } from "../../../src/jobs/calendar/calendar.ts";
import {
  type CalendarIntent,
  type CalendarIntents,
  createCalendarIntents,
} from "../../../src/jobs/calendar/calendar-intents.ts";
import { ClaimLost } from "../../../src/jobs/calendar/claim.ts";
import { eventually } from "../../support/eventually.ts";
import { historyOf } from "./calendar-events.ts";
import { startCalendarServer } from "./calendar-server.ts";
import { settleCalendars } from "./settle.ts";
import { handleEvent, type RawEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

let database: TestDatabase;
let intents: CalendarIntents;

beforeAll(async () => {
  database = await createTestDatabase();
  intents = createCalendarIntents(database.sql);
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.sql`truncate calendar_visits, calendar_intents`;
});

const handle = (event: RawEvent) => handleEvent(database.sql, createCalendarJob(), event);
const expireLeases = () => database.sql`update calendar_intents set leased_until = now() - interval '1 second'`;

const late: [string, (intent: CalendarIntent) => Promise<void>][] = [
  ["that it is about to write", (intent) => intents.noteSent(intent, "old")],
  ["what it wrote", (intent) => intents.complete(intent, '"old"', "written")],
  ["a conflict", (intent) => intents.giveUp(intent, "conflict", "changed by someone else")],
  ["that it will try again", (intent) => intents.retryIn(intent, 1000, 5, "no answer")],
];

test.each(late)("a sender that lost its lease to another records nothing of %s", async (_, record) => {
  await handle(historyOf(1).created());
  const [slow] = await intents.claim(1, 60_000);
  await expireLeases();
  const [quick] = await intents.claim(1, 60_000);
  await expect(record(slow!)).rejects.toThrow(ClaimLost);

  await intents.complete(quick!, '"new"', "written");
  await expect(record(slow!)).rejects.toThrow(ClaimLost);
  expect(await database.sql`select state, sent, etag, attempts, last_error from calendar_intents`).toEqual([
    { state: "done", sent: null, etag: '"new"', attempts: 0, last_error: null },
  ]);
  expect(await database.sql`select action from audit_outcomes where detail ->> 'reason' is not null`).toEqual([]);
});

test("an answer that came after the lease does not make a conflict of the visit's next event", async () => {
  const calendars = await startCalendarServer("clinic", "secret");
  const visit = historyOf(2);
  let answer = () => {};
  const stopped = new Promise<void>((resolve) => answer = resolve);
  let puts = 0;
  calendars.intercept = (method) => method === "PUT" && ++puts === 2 ? stopped : undefined;
  await handle(visit.created());
  const stop = new AbortController();
  const slow = createCalendarSender({
    sql: database.sql,
    log: pino({ enabled: false }),
    caldav: { url: calendars.url, username: "clinic", password: "secret" },
  }).run(stop.signal);
  await eventually(() => expect(calendars.changes).toHaveLength(1));
  stop.abort();

  await expireLeases();
  await settleCalendars(database.sql, calendars.url);
  await handle(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
  await settleCalendars(database.sql, calendars.url);
  answer();
  await slow;

  await handle(visit.rescheduled("house", "2026-05-07T10:00:00Z"));
  await settleCalendars(database.sql, calendars.url);
  expect(await database.sql`select state from calendar_intents`).toEqual([{ state: "done" }]);
  expect([...calendars.resources.values()]).toEqual([expect.stringContaining("DTSTART:20260507T100000Z")]);
  await calendars.stop();
});
