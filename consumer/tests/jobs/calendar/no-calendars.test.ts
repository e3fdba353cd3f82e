import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCalendarJob } from "../../../src/jobs/calendar/calendar.ts";
import { createNoCalendarSender, wakeSetAside } from "../../../src/jobs/calendar/no-calendar-sender.ts";
import { countUnfinishedEntries } from "../../../src/jobs/calendar/unfinished-entries.ts";
import { eventually } from "../../support/eventually.ts";
import { handleEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { historyOf } from "./calendar-events.ts";
import { startCalendarServer } from "./calendar-server.ts";
import { settleCalendars } from "./settle.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const states = async () =>
  (await database.sql`select state from calendar_intents order by state`).map(({ state }) => state);

test("nothing waits for a calendar server that is not configured, and what is to come is written once it is", async () => {
  const { sql } = database;
  const stop = new AbortController();
  const sender = createNoCalendarSender({ sql, log: pino({ enabled: false }) });
  const running = sender.run(stop.signal);
  const [coming, over] = [historyOf(1), historyOf(2)];
  for (const visit of [coming, over]) {
    await handleEvent(sql, createCalendarJob(), visit.created());
    sender.wake();
    await eventually(async () => expect(new Set(await states())).toEqual(new Set(["off"])));
  }
  expect(await countUnfinishedEntries(sql)).toEqual([]);
  stop.abort();
  await running;

  await sql`
    update calendar_visits set ends_at = now() + interval '1 day' where appointment_id = ${coming.aggregateId}`;
  await sql`
    update calendar_visits set ends_at = now() - interval '1 day' where appointment_id = ${over.aggregateId}`;
  const calendars = await startCalendarServer("clinic", "secret");
  await wakeSetAside(sql);
  expect(await states()).toEqual(["off", "pending"]);
  await settleCalendars(sql, calendars.url);
  expect(await states()).toEqual(["done", "off"]);
  expect(calendars.resources.size).toBe(1);
  await calendars.stop();
});
