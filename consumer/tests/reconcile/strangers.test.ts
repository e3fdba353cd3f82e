import { randomUUID } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { calendarEntry } from "../../src/jobs/calendar/calendar-entry.ts";
import { doctorId, doctorUpdated, historyOf } from "../support/restored-history.ts";
import { createReconcileHarness, type ReconcileHarness } from "./reconcile-harness.ts";

let ground: ReconcileHarness;
beforeEach(async () => {
  ground = await createReconcileHarness();
  await ground.tell([doctorUpdated(1, "2026-04-01T09:00:00Z")]);
});
afterEach(() => ground?.close());

/** An entry that a consumer wrote whose database was lost since. */
function strangeEntry(appointmentId: string, startsAt: Date): void {
  const endsAt = new Date(startsAt.getTime() + 1_800_000);
  const entry = calendarEntry(appointmentId, { doctorId, startsAt, endsAt, position: { version: 1, at: startsAt } });
  ground.calendars.resources.set(`${doctorId}/${appointmentId}.ics`, entry);
}

test("an entry that no event is about is shown and left, since it may be another system's", async () => {
  const visit = historyOf();
  await ground.tell([visit.created()]);
  await ground.settle();
  const [strange, past, own] = [randomUUID(), randomUUID(), "lunch"];
  strangeEntry(strange, new Date("2099-07-01T10:00:00Z"));
  strangeEntry(past, new Date("2020-07-01T10:00:00Z"));
  ground.calendars.resources.set(`${doctorId}/${own}.ics`, "BEGIN:VCALENDAR\r\nUID:lunch\r\nEND:VCALENDAR\r\n");
  for (const args of [[], ["--repair"]]) {
    const { code, differences } = await ground.reconcile(...args);
    expect(code).toBe(3);
    expect(differences).toEqual([{
      job: "calendar",
      aggregateId: strange,
      kind: "extra",
      what: `entry in the calendar of ${doctorId}`,
      mended: false,
      how: "the archive knows no such visit; a person decides",
    }]);
  }
  expect(ground.calendars.resources.size).toBe(4);
});

test("an entry of a visit that the archive knows is no stranger, whatever was lost here", async () => {
  const [kept, lost] = [historyOf(), historyOf()];
  await ground.tell([kept.created(), lost.created()]);
  await ground.settle();
  await ground.sql`delete from calendar_intents where appointment_id = ${lost.aggregateId}`;
  const { differences } = await ground.reconcile();
  expect(differences.map(({ kind, aggregateId }) => [kind, aggregateId])).toEqual([["missing", lost.aggregateId]]);
});
