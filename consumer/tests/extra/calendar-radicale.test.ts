import { Buffer } from "node:buffer";
import pino from "pino";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createCaldavClient } from "../../src/jobs/calendar/caldav-client.ts";
import { createCalendarSender } from "../../src/jobs/calendar/calendar-sender.ts";
import { createCalendarJob } from "../../src/jobs/calendar/calendar.ts";
import { historyOf } from "../jobs/calendar/calendar-events.ts";
import { eventually } from "../support/eventually.ts";
import { handleEvent, type RawEvent } from "../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { type Radicale, startRadicale } from "./radicale.ts";
import { runWorkers } from "../support/run-workers.ts";

let database: TestDatabase;
let radicale: Radicale;

beforeAll(async () => {
  radicale = await startRadicale();
  database = await createTestDatabase();
});
afterAll(async () => {
  await database?.drop();
  await radicale?.stop();
});

async function tell(event: RawEvent): Promise<void> {
  await handleEvent(database.sql, createCalendarJob(), event);
  const stop = new AbortController();
  const sender = createCalendarSender({
    sql: database.sql,
    log: pino({ enabled: false }),
    caldav: radicale,
    backoff: { baseMs: 10, capMs: 20 },
    maxAttempts: 3,
  });
  const running = runWorkers(database.sql, [sender], stop.signal, 10);
  await eventually(async () => {
    expect(await database.sql`select from calendar_intents where state = 'pending'`).toHaveLength(0);
  });
  stop.abort();
  await running;
}

async function request(method: string, path: string, headers: Record<string, string> = {}, body?: string) {
  const authorization = `Basic ${Buffer.from(`${radicale.username}:${radicale.password}`).toString("base64")}`;
  const init = { method, headers: { authorization, ...headers }, ...(body === undefined ? {} : { body }) };
  const response = await fetch(`${radicale.url}/${path}`, init);
  return { status: response.status, text: await response.text() };
}

const states = async (appointmentId: string) => {
  const rows = await database.sql`
    select doctor_id as doctor, state from calendar_intents where appointment_id = ${appointmentId} order by 1`;
  return Object.fromEntries(rows.map((row) => [row.doctor, row.state]));
};

test("the entries of a calendar are listed by their names, and there are none where there is no calendar", async () => {
  const visits = [historyOf(20), historyOf(21)];
  for (const visit of visits) await tell(visit.created());
  const client = createCaldavClient(radicale);
  const [doctorId] = Object.keys(await states(visits[0]!.aggregateId));
  const listed = await client.list(doctorId!);
  expect(listed).toEqual(expect.arrayContaining(visits.map(({ aggregateId }) => aggregateId)));
  expect(await client.list("dr-nobody")).toEqual([]);
});

test("a visit appears, moves within and between calendars, and disappears", async () => {
  const visit = historyOf(1);
  const entry = (doctorId: string) => request("GET", `${doctorId}/${visit.aggregateId}.ics`);
  await tell(visit.created());
  expect((await entry("house")).text).toMatch(/DTSTART:20260504T090000Z/);
  await tell(visit.rescheduled("house", "2026-05-05T10:00:00+02:00"));
  expect((await entry("house")).text).toMatch(/DTSTART:20260505T080000Z/);
  await tell(visit.rescheduled("wilson", "2026-05-06T10:00:00Z"));
  expect((await entry("house")).status).toBe(404);
  expect((await entry("wilson")).text).toMatch(/SEQUENCE:2/);
  await tell(visit.cancelled());
  expect((await entry("wilson")).status).toBe(404);
  expect(await states(visit.aggregateId)).toEqual({ house: "done", wilson: "done" });
});

test("the server finds the visit by its time", async () => {
  await tell(historyOf(2).created());
  const query =
    `<C:calendar-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:prop><C:calendar-data/></D:prop>
    <C:filter><C:comp-filter name="VCALENDAR"><C:comp-filter name="VEVENT">
    <C:time-range start="20260504T085900Z" end="20260504T090100Z"/></C:comp-filter></C:comp-filter></C:filter></C:calendar-query>`;
  const { status, text } = await request("REPORT", "house/", { depth: "1", "content-type": "application/xml" }, query);
  expect(status).toBe(207);
  expect(text).toContain(historyOf(2).aggregateId);
});

test("what the doctor changed or deleted is left as it is and reported", async () => {
  const changed = historyOf(3);
  const deleted = historyOf(4);
  for (const visit of [changed, deleted]) await tell(visit.created());
  const path = `house/${changed.aggregateId}.ics`;
  const { text } = await request("GET", path);
  const moved = text.replace("DTSTART:20260504T090000Z", "DTSTART:20260504T084500Z");
  expect((await request("PUT", path, { "content-type": "text/calendar" }, moved)).status).toBe(201);
  expect((await request("DELETE", `house/${deleted.aggregateId}.ics`)).status).toBe(200);

  await tell(changed.cancelled());
  await tell(deleted.rescheduled("house", "2026-05-09T10:00:00Z"));

  expect((await request("GET", path)).text).toMatch(/DTSTART:20260504T084500Z/);
  expect((await request("GET", `house/${deleted.aggregateId}.ics`)).status).toBe(404);
  expect(await states(changed.aggregateId)).toEqual({ house: "conflict" });
  expect(await states(deleted.aggregateId)).toEqual({ house: "conflict" });
});

test("a write whose answer was lost is recognised in what the server made of it", async () => {
  const visit = historyOf(5);
  await handleEvent(database.sql, createCalendarJob(), visit.created());
  const [intent] = await database.sql<{ content: string }[]>`
    update calendar_intents set sent = content where appointment_id = ${visit.aggregateId} returning content`;
  await createCaldavClient(radicale).put("house", visit.aggregateId, intent!.content, null);

  await tell(visit.rescheduled("house", "2026-05-10T10:00:00Z"));

  expect((await request("GET", `house/${visit.aggregateId}.ics`)).text).toMatch(/DTSTART:20260510T100000Z/);
  expect(await states(visit.aggregateId)).toEqual({ house: "done" });
});

test("a wrong password is told, and uses up no attempt", async () => {
  const client = createCaldavClient({ ...radicale, password: "wrong" });
  await expect(client.get("house", historyOf(1).aggregateId)).rejects.toMatchObject({
    message: expect.stringContaining("401"),
    name: "CaldavUnavailable",
    refusal: "authentication",
  });
});
