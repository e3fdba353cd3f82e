import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import process from "node:process";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { createCaldavClient } from "../../src/jobs/calendar/caldav-client.ts";
import { calendarEntry } from "../../src/jobs/calendar/calendar-entry.ts";
import { createCalendarJob } from "../../src/jobs/calendar/calendar.ts";
import { historyOf } from "../jobs/calendar/calendar-events.ts";
import { invitationCopy, updateFromRelease010 } from "../jobs/calendar/release-before.ts";
import { settleCalendars } from "../jobs/calendar/settle.ts";
import { handleEvent, type RawEvent } from "../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";
import { startCompressingProxy } from "./compressing-proxy.ts";
import { type Radicale, startRadicale } from "./radicale.ts";

let database: TestDatabase;
let radicale: Radicale;

beforeAll(async () => {
  radicale = await startRadicale();
  database = await createTestDatabase();
  // The calendars, before anybody's programs.
  for (const doctorId of ["house", "wilson"]) await request("MKCALENDAR", `${doctorId}/`);
});
afterAll(async () => {
  await database?.drop();
  await radicale?.stop();
});

const authorization = () => `Basic ${btoa(`${radicale.username}:${radicale.password}`)}`;

async function request(
  method: string,
  path: string,
  body?: string,
  base = radicale.url,
  more: Record<string, string> = {},
) {
  const headers = { authorization: authorization(), ...(body && { "content-type": "text/calendar" }), ...more };
  const response = await fetch(`${base}/${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  return { status: response.status, etag: response.headers.get("etag"), text: await response.text() };
}

const handle = (event: RawEvent) => handleEvent(database.sql, createCalendarJob(), event);
async function tell(event: RawEvent, url = radicale.url): Promise<void> {
  await handle(event);
  await settleCalendars(database.sql, url);
}
const unsettled = async () => [
  ...await database.sql`select state, last_error from calendar_intents where state <> 'done'`,
];

/** The names of what a calendar has of a visit. */
async function namesOf(doctorId: string, appointmentId: string): Promise<string[]> {
  const { text } = await request("PROPFIND", `${doctorId}/`, undefined, radicale.url, { depth: "1" });
  const names = [...text.matchAll(/<href>[^<]*\/([^/<]+\.ics)<\/href>/g)].map(([, name]) => name!);
  const found = await Promise.all(names.map(async (name) => (await request("GET", `${doctorId}/${name}`)).text));
  return names.filter((_, index) => found[index]!.includes(appointmentId)).sort();
}

test.each([["under its UID", 11, false], ["under another name", 12, true]])(
  "the client's copy of the invitation first, %s: the entry comes beside it and follows the visit",
  async (_, number, elsewhere) => {
    const visit = historyOf(number);
    const own = `${visit.aggregateId}.ics`;
    const copy = elsewhere ? `imported-${number}.ics` : own;
    const entry = elsewhere ? own : `visit-${own}`;
    expect((await request("PUT", `house/${copy}`, invitationCopy(visit.aggregateId))).status).toBe(201);
    await tell(visit.created());
    await tell(visit.rescheduled("house", "2026-05-05T10:00:00Z"));
    expect(await namesOf("house", visit.aggregateId)).toEqual([copy, entry].sort());
    expect((await request("GET", `house/${entry}`)).text).toMatch(/DTSTART:20260505T100000Z/);
    await tell(visit.cancelled());
    expect(await namesOf("house", visit.aggregateId)).toEqual([copy]);
    expect(await unsettled()).toEqual([]);
  },
);

test("a client that stores the invitation after the entry was written disturbs nothing", async () => {
  const visit = historyOf(13);
  await tell(visit.created());
  expect((await request("PUT", "house/imported-13.ics", invitationCopy(visit.aggregateId))).status).toBe(201);
  await tell(visit.rescheduled("house", "2026-05-05T10:00:00Z"));
  expect((await request("GET", `house/${visit.aggregateId}.ics`)).text).toMatch(/DTSTART:20260505T100000Z/);
  expect(await unsettled()).toEqual([]);
});

test("entries of release 0.1.0 get their own UID, which Radicale refuses under the same name, and are there once", async () => {
  const [first, second, given] = [historyOf(14), historyOf(15), historyOf(16)];
  for (const visit of [first, second, given]) {
    await tell(visit.created());
    await tell(visit.rescheduled("house", "2099-05-05T10:00:00Z"));
  }
  await updateFromRelease010(database.sql, async (doctorId, appointmentId, content) => {
    await request("DELETE", `${doctorId}/${appointmentId}.ics`);
    return (await request("PUT", `${doctorId}/${appointmentId}.ics`, content)).etag;
  });
  const path = `house/${first.aggregateId}.ics`;
  const old = (await request("GET", path)).text;
  expect(old).toContain(`UID:${first.aggregateId}`);
  const direct = await request("PUT", path, old.replace("UID:", "UID:visit-"));
  expect(direct).toMatchObject({ status: 409, text: expect.stringContaining("no-uid-conflict") });

  await handle(second.cancelled());
  await handle(given.rescheduled("wilson", "2099-05-06T10:00:00Z"));
  await settleCalendars(database.sql, radicale.url);
  expect(await namesOf("house", first.aggregateId)).toEqual([`${first.aggregateId}.ics`]);
  expect((await request("GET", path)).text).toContain(`UID:visit-${first.aggregateId}`);
  expect(await namesOf("house", second.aggregateId)).toEqual([]);
  expect(await namesOf("house", given.aggregateId)).toEqual([]);
  expect(await namesOf("wilson", given.aggregateId)).toEqual([`${given.aggregateId}.ics`]);
  expect(await unsettled()).toEqual([]);
});

test("several senders that find no calendar make it once and all write to it", async () => {
  const client = createCaldavClient(radicale);
  const visits = [21, 22, 23, 24].map((number) => historyOf(number).aggregateId);
  const place = {
    doctorId: "new-here",
    startsAt: new Date("2026-05-04T09:00:00Z"),
    endsAt: new Date("2026-05-04T09:30:00Z"),
    position: { version: 1, at: new Date("2026-04-01T10:00:00Z") },
  };
  const answers = await Promise.all(visits.map((id) => client.put("new-here", id, calendarEntry(id, place), null)));
  expect(answers.map(({ kind }) => kind)).toEqual(["written", "written", "written", "written"]);
  expect(await request("MKCALENDAR", "new-here/")).toMatchObject({
    status: 409,
    text: expect.stringContaining("resource-must-be-null"),
  });
});

describe("behind nginx with gzip", () => {
  let proxy: { url: string; stop(): Promise<void> };
  let url: string;

  beforeAll(async () => {
    proxy = await startCompressingProxy(new URL(radicale.url).origin);
    url = radicale.url.replace(new URL(radicale.url).origin, proxy.url);
  });
  afterAll(() => proxy?.stop());

  test("entries are written, moved and removed", async () => {
    const visit = historyOf(31);
    await tell(visit.created(), url);
    const path = `house/${visit.aggregateId}.ics`;
    const compressed = await request("GET", path, undefined, url, { "accept-encoding": "gzip" });
    expect(compressed.etag).toMatch(/^W\//);
    await tell(visit.rescheduled("house", "2026-05-05T10:00:00Z"), url);
    expect((await request("GET", path)).text).toMatch(/DTSTART:20260505T100000Z/);
    await tell(visit.cancelled(), url);
    expect((await request("GET", path)).status).toBe(404);
    expect(await unsettled()).toEqual([]);
  });

  test("a weak ETag that was kept before leaves no cancelled visit in the calendar, and an edit untouched", async () => {
    const [visit, edited] = [historyOf(32), historyOf(33)];
    for (const each of [visit, edited]) await tell(each.created(), url);
    await database.sql`update calendar_intents set etag = 'W/' || etag where etag not like 'W/%'`;
    const path = `house/${edited.aggregateId}.ics`;
    const moved = (await request("GET", path)).text.replace("20260504T090000Z", "20260504T084500Z");
    expect((await request("PUT", path, moved)).status).toBe(201);
    await tell(visit.cancelled(), url);
    await tell(edited.cancelled(), url);
    expect(await namesOf("house", visit.aggregateId)).toEqual([]);
    expect((await request("GET", path)).text).toContain("20260504T084500Z");
    expect(await unsettled()).toEqual([{ state: "conflict", last_error: "changed by someone else" }]);
  });
});

test("khal shows the invitation that was imported and the entry as two, each at its time", async () => {
  const visit = historyOf(41);
  await request("PUT", "wilson/imported-41.ics", invitationCopy(visit.aggregateId));
  const created = visit.created();
  await tell({ ...created, payload: { ...created.payload as object, doctorId: "wilson" } });
  const folder = mkdtempSync(join(tmpdir(), "khal-"));
  try {
    for (const name of await namesOf("wilson", visit.aggregateId)) {
      writeFileSync(join(folder, name), (await request("GET", `wilson/${name}`)).text);
    }
    const config = join(folder, "config");
    writeFileSync(
      config,
      `[calendars]\n[[wilson]]\npath = ${folder}\n[locale]\nlocal_timezone = UTC\ndefault_timezone = UTC\n` +
        `timeformat = %H:%M\ndateformat = %Y-%m-%d\nlongdateformat = %Y-%m-%d\ndatetimeformat = %Y-%m-%d %H:%M\nlongdatetimeformat = %Y-%m-%d %H:%M\n` +
        `[sqlite]\npath = ${join(folder, "khal.db")}\n`,
    );
    const args = ["-c", config, "list", "--format", "{start-time} {title} {uid}", "2026-05-04", "1d"];
    const khal = spawnSync("khal", args, { encoding: "utf8", env: { ...process.env, LC_ALL: "C.UTF-8" } });
    if (khal.error) throw new Error("This test needs khal: apt-get install khal");
    expect(khal.stdout.split("\n").filter((line) => line.includes(visit.aggregateId)).sort()).toEqual([
      `09:00 Appointment visit-${visit.aggregateId}`,
      `09:00 Patient visit ${visit.aggregateId}`,
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
