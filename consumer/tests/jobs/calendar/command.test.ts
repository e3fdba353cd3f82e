import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { noProgress } from "../../../src/cli/progress.ts";
import { calendarCommand } from "../../../src/jobs/calendar/command.ts";
import { UsageError } from "../../../src/cli/command.ts";
import { readConfig } from "../../../src/config.ts";
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
  calendars = await startCalendarServer("clinic", "secret");
  await database.sql`truncate calendar_visits, calendar_intents`;
  visit = historyOf(1);
  path = `house/${visit.aggregateId}.ics`;
  await tell(visit.created());
  calendars.resources.set(path, "changed by the doctor");
});
afterEach(() => calendars.stop());

async function tell(event: RawEvent): Promise<void> {
  await handleEvent(database.sql, createCalendarJob(), event);
  await settleCalendars(database.sql, calendars.url);
}

async function run(...args: string[]) {
  const printed: string[] = [];
  const noted: string[] = [];
  const code = await calendarCommand.run(args, {
    config: readConfig({
      DATABASE_URL: database.url,
      AMQP_URL: "amqp://localhost",
      JOBS: "none",
      CALDAV_URL: calendars.url,
      CALDAV_USERNAME: "clinic",
      CALDAV_PASSWORD: "secret",
    }),
    openDatabase: () => database.sql,
    print: (line) => printed.push(line),
    note: (line) => noted.push(line),
    progress: noProgress,
  });
  return { code, printed, noted };
}

test("a conflict is listed with what is wanted, and no more once it is settled", async () => {
  await tell(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
  expect((await run("list", "--json")).printed.map((line) => JSON.parse(line))).toEqual([{
    appointmentId: visit.aggregateId,
    doctorId: "house",
    state: "conflict",
    wanted: "entry",
    reason: "changed by someone else",
  }]);
  expect((await run("leave", visit.aggregateId, "house")).code).toBe(0);
  expect(await run("list")).toEqual({ code: 0, printed: [], noted: ["No calendar entry waits for a decision."] });
  await settleCalendars(database.sql, calendars.url);
  expect(calendars.resources.get(path)).toBe("changed by the doctor");
});

test("ordered by a person, the entry is written over, and by whom is audited", async () => {
  await tell(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
  expect((await run("overwrite", visit.aggregateId, "house")).printed).toEqual([
    `The entry of ${visit.aggregateId} will be written over`,
  ]);
  await settleCalendars(database.sql, calendars.url);
  expect(calendars.resources.get(path)).toContain("DTSTART:20260506T100000Z");
  const [row] = await database.sql`
    select actor from audit_outcomes where action = 'overwrite ordered' and aggregate_id = ${visit.aggregateId}`;
  expect(row?.actor).toMatch(/^operator/);
});

test("a change that comes after the order is not written over", async () => {
  await tell(visit.rescheduled("house", "2026-05-06T10:00:00Z"));
  await run("overwrite", visit.aggregateId, "house");
  calendars.resources.set(path, "changed once more");
  await settleCalendars(database.sql, calendars.url);
  expect(calendars.resources.get(path)).toBe("changed once more");
  expect((await run("list")).printed).toHaveLength(2);
});

test("a cancelled visit's entry is removed when that is ordered", async () => {
  await tell(visit.cancelled());
  expect((await run("list")).printed.map((line) => line.split(/ {2,}/))).toEqual([
    ["APPOINTMENT", "DOCTOR", "STATE", "WANTED", "REASON"],
    [visit.aggregateId, "house", "conflict", "no entry", "changed by someone else"],
  ]);
  await run("overwrite", visit.aggregateId, "house");
  await settleCalendars(database.sql, calendars.url);
  expect(calendars.resources.has(path)).toBe(false);
});

test("there is nothing to decide where nothing was given up", async () => {
  for (const action of ["overwrite", "leave"]) {
    const { code, noted } = await run(action, visit.aggregateId, "house");
    expect({ code, notes: noted.length }).toEqual({ code: 1, notes: 1 });
  }
});

test.each([[[]], [["repair"]], [["list", "all"]], [["leave", "1"]], [["leave", "1", "house"]], [["list", "--all"]]])(
  "%j is refused with the usage",
  async (args) => {
    await expect(run(...args)).rejects.toThrow(UsageError);
  },
);
