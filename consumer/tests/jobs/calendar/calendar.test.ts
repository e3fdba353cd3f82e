import pino from "pino";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createCalendarSender } from "../../../src/jobs/calendar/calendar-sender.ts";
import { createCalendarJob } from "../../../src/jobs/calendar/calendar.ts";
import { eventually } from "../../support/eventually.ts";
import { historyOf } from "./calendar-events.ts";
import { type CalendarServer, startCalendarServer } from "./calendar-server.ts";
import { settleCalendars } from "./settle.ts";
import { handleEvent, type RawEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

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

const states = async () => {
  const rows = await database.sql`select doctor_id as doctor, state from calendar_intents order by 1`;
  return Object.fromEntries(rows.map((row) => [row.doctor, row.state]));
};

test("a booking appears in the doctor's calendar, which is made first, without the patient's data", async () => {
  const visit = historyOf(1);
  await handle(visit.created());
  await settle();

  const path = `house/${visit.aggregateId}.ics`;
  expect(calendars.writes).toEqual([`PUT ${path}`, "MKCALENDAR house/", `PUT ${path}`]);
  const entry = calendars.resources.get(path)!;
  expect(entry).toContain(`UID:visit-${visit.aggregateId}\r\n`);
  expect(entry).toContain("DTSTART:20260504T090000Z\r\nDTEND:20260504T093000Z\r\n");
  expect(entry).toContain("DTSTAMP:20260401T100001Z\r\n");
  expect(entry).toContain("SEQUENCE:0\r\n");
  expect(entry).not.toContain("pat@example.org");
});

test("a new time updates the entry, a new doctor moves it, a cancellation removes it", async () => {
  const visit = historyOf(2);
  await handle(visit.created());
  await settle();
  await handle(visit.rescheduled("house", "2026-05-05T10:00:00+02:00"));
  await settle();
  expect(calendars.resources.get(`house/${visit.aggregateId}.ics`)).toMatch(/SEQUENCE:1[^]*DTSTART:20260505T080000Z/);

  await handle(visit.rescheduled("wilson", "2026-05-06T10:00:00Z"));
  await settle();
  expect([...calendars.resources.keys()]).toEqual([`wilson/${visit.aggregateId}.ics`]);

  await handle(visit.cancelled());
  await settle();
  expect(calendars.resources.size).toBe(0);
  expect(await states()).toEqual({ house: "done", wilson: "done" });
});

test("what moves no visit and what is told twice writes nothing", async () => {
  const visit = historyOf(3);
  const created = visit.created();
  const later = [visit.contactChanged(), visit.arrived(), visit.completed(), visit.reopened()];
  await handle(created);
  await settle();
  const writes = calendars.writes.length;

  for (const event of [created, ...later]) expect((await handle(event)).kind).toBe("ignored");
  await settle();
  expect(calendars.writes).toHaveLength(writes);
});

test("a cancellation that comes before its booking leaves the calendars alone", async () => {
  const visit = historyOf(4);
  const history = [visit.created(), visit.rescheduled("wilson", "2026-05-06T10:00:00Z"), visit.cancelled()];
  for (const event of history.toReversed()) await handle(event);
  await settle();
  expect(calendars.writes).toEqual([]);
});

test("someone else's change is left as it is and reported, also when the visit moves again", async () => {
  const visit = historyOf(5);
  const path = `house/${visit.aggregateId}.ics`;
  const created = visit.created();
  await handle(created);
  await settle();
  calendars.resources.set(path, "BEGIN:VCALENDAR\r\nX-BY:the doctor\r\nEND:VCALENDAR\r\n");

  await handle(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
  await settle();
  await handle(created);
  await settle();
  await handle(visit.cancelled());
  await settle();

  expect(calendars.resources.get(path)).toContain("X-BY:the doctor");
  expect(await states()).toEqual({ house: "conflict" });
  const reports = await database.sql`
    select correlation_id as "correlationId", detail->>'reason' as reason
    from audit_outcomes where action = 'conflict' and aggregate_id = ${visit.aggregateId}`;
  expect([...reports]).toEqual([
    { correlationId: "request-5", reason: "changed by someone else" },
    { correlationId: "request-5", reason: "changed by someone else" },
  ]);
});

test("an entry that someone else put in the place of a booking is not written over", async () => {
  const visit = historyOf(6);
  const other = historyOf(7);
  await handle(other.created());
  await settle();
  calendars.resources.set(`house/${visit.aggregateId}.ics`, "foreign");

  await handle(visit.created());
  await settle();

  expect(calendars.resources.get(`house/${visit.aggregateId}.ics`)).toBe("foreign");
  expect(await database.sql`select from calendar_intents where state = 'conflict'`).toHaveLength(1);
});

test("an answer that was lost is recognised as the own writing: no second write, no conflict", async () => {
  const visit = historyOf(8);
  const path = `house/${visit.aggregateId}.ics`;
  await handle(historyOf(9).created());
  await settle();

  for (const event of [visit.created(), visit.rescheduled("house", "2026-05-07T10:00:00Z"), visit.cancelled()]) {
    let hangUps = 0;
    calendars.intercept = (method) => method !== "GET" && hangUps++ === 0 ? "hang up" : undefined;
    calendars.writes.length = 0;
    await handle(event);
    await settle();
    expect(calendars.writes).toHaveLength(1);
  }
  expect(calendars.resources.has(path)).toBe(false);
  expect(await states()).toEqual({ house: "done" });
});

test("back to the first doctor after a removal whose answer was lost, the entry is there again", async () => {
  const visit = historyOf(10);
  await handle(visit.created());
  await settle();
  await handle(visit.rescheduled("wilson", "2026-05-07T10:00:00Z"));
  let lost = 0;
  calendars.intercept = (method) => method === "DELETE" && lost++ === 0 ? "hang up" : undefined;
  const stop = new AbortController();
  const dying = createCalendarSender({
    sql: database.sql,
    log: pino({ enabled: false }),
    caldav: { url: calendars.url, username: "clinic", password: "secret" },
    afterOutageMs: 60_000,
  }).run(stop.signal);
  await eventually(() => expect(lost).toBe(1));
  stop.abort();
  await dying;

  await handle(visit.rescheduled("house", "2026-05-08T10:00:00Z"));
  await settle();
  expect([...calendars.resources.keys()]).toEqual([`house/${visit.aggregateId}.ics`]);
  expect(await states()).toEqual({ house: "done", wilson: "done" });
});

test("an outage uses up no attempts; a refusal does, until the intent is given up and audited", async () => {
  const patient = historyOf(11);
  let outages = 0;
  calendars.intercept = () => outages++ < 4 ? 503 : undefined;
  await handle(patient.created());
  await settle();
  expect(await states()).toEqual({ house: "done" });

  calendars.intercept = (method) => method === "PUT" ? 403 : undefined;
  await handle(patient.rescheduled("house", "2026-05-09T10:00:00Z"));
  await settle();
  expect(await states()).toEqual({ house: "failed" });
  const [report] = await database.sql`
    select detail->>'reason' as reason from audit_outcomes
    where action = 'failed' and aggregate_id = ${patient.aggregateId}`;
  expect(report?.reason).toMatch(/PUT .* was answered with 403/);
});

test("several senders at once write each entry once", async () => {
  const visits = Array.from({ length: 20 }, (_, index) => historyOf(100 + index));
  await handle(historyOf(99).created());
  await settle();
  calendars.writes.length = 0;
  await Promise.all(visits.map((visit) => handle(visit.created())));
  await Promise.all([settle(), settle(), settle()]);
  expect(calendars.writes.toSorted()).toEqual(visits.map((visit) => `PUT house/${visit.aggregateId}.ics`));
});
