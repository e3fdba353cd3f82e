import { createHash } from "node:crypto";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { createCalendarJob } from "../../../src/jobs/calendar/calendar.ts";
import { overwriteEntry } from "../../../src/jobs/calendar/calendar-conflicts.ts";
import { handleEvent, type RawEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";
import { historyOf } from "./calendar-events.ts";
import { type CalendarServer, startCalendarServer } from "./calendar-server.ts";
import { invitationCopy, updateFromRelease010 } from "./release-before.ts";
import { settleCalendars } from "./settle.ts";

let database: TestDatabase;
let calendars: CalendarServer;
let visit: ReturnType<typeof historyOf>;
let path: string;
let copy: string;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  await database.sql`truncate calendar_visits, calendar_intents`;
  calendars = await startCalendarServer("clinic", "secret");
  visit = historyOf(1);
  path = `house/${visit.aggregateId}.ics`;
  copy = invitationCopy(visit.aggregateId);
});
afterEach(() => calendars.stop());

const handle = (event: RawEvent) => handleEvent(database.sql, createCalendarJob(), event);
const settle = () => settleCalendars(database.sql, calendars.url);
async function tell(event: RawEvent): Promise<void> {
  await handle(event);
  await settle();
}
async function unsettled() {
  const rows = await database.sql`
    select state, last_error as reason from calendar_intents where state <> 'done'`;
  return [...rows];
}
const uids = () => [...calendars.resources.values()].map((content) => /^UID:(.*)\r?$/m.exec(content)?.[1]);
const own = () => `visit-${visit.aggregateId}`;

const update = () =>
  updateFromRelease010(database.sql, (doctorId, appointmentId, content) => {
    calendars.resources.set(`${doctorId}/${appointmentId}.ics`, content);
    return Promise.resolve(`"${createHash("sha1").update(content).digest("hex")}"`);
  });

/** A visit that is still to come, written by release 0.1.0; the update is done, and no sender has run since. */
async function updated(): Promise<void> {
  await tell(visit.created());
  await tell(visit.rescheduled("house", "2099-05-05T10:00:00Z"));
  await update();
  calendars.writes.length = 0;
}

test("an entry of release 0.1.0 gets a UID of its own and stays the only one, through moves and until it is cancelled", async () => {
  await updated();
  expect(uids()).toEqual([visit.aggregateId]);
  await settle();
  expect(uids()).toEqual([own()]);
  expect(calendars.writes).toEqual([`DELETE ${path}`, `PUT ${path}`]);
  await tell(visit.rescheduled("house", "2099-05-06T10:00:00Z"));
  await tell(visit.rescheduled("wilson", "2099-05-07T10:00:00Z"));
  expect([...calendars.resources]).toEqual([
    [`wilson/${visit.aggregateId}.ics`, expect.stringContaining("DTSTART:20990507T100000Z")],
  ]);
  await tell(visit.cancelled());
  expect(calendars.resources.size).toBe(0);
  expect(await unsettled()).toEqual([]);
});

test.each<[string, () => RawEvent, number]>([
  ["moved", () => visit.rescheduled("house", "2099-05-06T10:00:00Z"), 1],
  ["given to another doctor", () => visit.rescheduled("wilson", "2099-05-06T10:00:00Z"), 1],
  ["cancelled", () => visit.cancelled(), 0],
])("one that is %s before the sender runs is right at once", async (_, event, count) => {
  await updated();
  await tell(event());
  expect(uids()).toEqual(count === 1 ? [own()] : []);
  expect(await unsettled()).toEqual([]);
});

test.each(["DELETE", "PUT"])(
  "an answer to the migration's %s that is lost leaves one entry and no conflict",
  async (lost) => {
    await updated();
    let hangUps = 0;
    calendars.intercept = (method) => method === lost && hangUps++ === 0 ? "hang up" : undefined;
    await settle();
    expect(hangUps).toBeGreaterThan(0);
    expect(uids()).toEqual([own()]);
    expect(await unsettled()).toEqual([]);
  },
);

test("the entry of a past visit is left alone until something happens to it", async () => {
  await tell(visit.created());
  await update();
  calendars.writes.length = 0;
  await settle();
  expect(calendars.writes).toEqual([]);
  await tell(visit.cancelled());
  expect(calendars.resources.size).toBe(0);
  expect(await unsettled()).toEqual([]);
});

test("an entry of release 0.1.0 that a doctor changed is a conflict, until it is ordered to be written over", async () => {
  await updated();
  const changed = calendars.resources.get(path)!.replace("20990505T100000Z", "20990505T110000Z");
  calendars.resources.set(path, changed);
  await settle();
  expect(calendars.resources.get(path)).toBe(changed);
  expect(await unsettled()).toEqual([{ state: "conflict", reason: "changed by someone else" }]);

  const etag = `"${createHash("sha1").update(changed).digest("hex")}"`;
  const decision = { appointmentId: visit.aggregateId, doctorId: "house", actor: "me", now: new Date() };
  await overwriteEntry(database.sql, decision, { content: changed, etag });
  await settle();
  expect(uids()).toEqual([own()]);
});

test("what a person left as it is stays so over the update", async () => {
  await tell(visit.created());
  await tell(visit.rescheduled("house", "2099-05-05T10:00:00Z"));
  await database.sql`update calendar_intents set written = replace(written, '2099', '2098')`;
  await update();
  calendars.writes.length = 0;
  await settle();
  expect(calendars.writes).toEqual([]);
});

test.each([
  ["under its UID, which is the entry's name", () => path, () => `house/${own()}.ics`],
  ["under another name", () => "house/imported.ics", () => path],
])(
  "an invitation that a doctor's program had stored first, %s, stays, and the entry beside it follows the visit",
  async (_, at, entry) => {
    await tell(historyOf(2).created());
    calendars.resources.set(at(), copy);
    await tell(visit.created());
    expect(calendars.resources.get(entry())).toContain(`UID:${own()}`);
    await tell(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
    expect(calendars.resources.get(entry())).toContain("DTSTART:20260506T100000Z");
    expect(calendars.resources.get(at())).toBe(copy);
    await tell(visit.cancelled());
    expect([...calendars.resources.keys()].filter((name) => name.includes(visit.aggregateId) || name === at())).toEqual(
      [at()],
    );
    expect(await unsettled()).toEqual([]);
  },
);

test("an invitation that was imported over the entry of release 0.1.0 no longer is a conflict", async () => {
  await updated();
  calendars.resources.set(path, copy);
  await settle();
  expect(calendars.resources.get(path)).toBe(copy);
  expect(calendars.resources.get(`house/${own()}.ics`)).toContain("DTSTART:20990505T100000Z");
  await tell(visit.cancelled());
  expect([...calendars.resources]).toEqual([[path, copy]]);
  expect(await unsettled()).toEqual([]);
});

test("the entry's own UID under another name is a conflict that says so, and makes no calendar", async () => {
  await tell(historyOf(2).created());
  calendars.resources.set("house/moved-by-a-client.ics", copy.replace(`UID:${visit.aggregateId}`, `UID:${own()}`));
  calendars.writes.length = 0;
  await tell(visit.created());
  expect(await unsettled()).toEqual([{ state: "conflict", reason: expect.stringContaining("no-uid-conflict") }]);
  expect(calendars.writes).toEqual([`PUT ${path}`]);

  calendars.resources.delete("house/moved-by-a-client.ics");
  const decision = { appointmentId: visit.aggregateId, doctorId: "house", actor: "me", now: new Date() };
  await overwriteEntry(database.sql, decision, undefined);
  await settle();
  expect(calendars.resources.get(path)).toContain(`UID:${own()}`);
});

test.each([405, 409, "409 without a body"] as const)(
  "a calendar that another process made meanwhile (MKCALENDAR: %s) is written to",
  async (existing) => {
    await tell(historyOf(2).created());
    calendars.existing = existing;
    let puts = 0;
    calendars.intercept = (method) => method === "PUT" && puts++ === 0 ? 409 : undefined;
    await tell(visit.created());
    expect(calendars.resources.has(path)).toBe(true);
    expect(await unsettled()).toEqual([]);
  },
);

test("a server without a place for calendars is told apart from a calendar that is missing", async () => {
  calendars.intercept = (method) => method === "PUT" || method === "MKCALENDAR" ? 409 : undefined;
  await tell(visit.created());
  expect(await unsettled()).toEqual([{ state: "failed", reason: expect.stringMatching(/MKCALENDAR .* 409/) }]);
});
