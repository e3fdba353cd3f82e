import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createAnalyticsJob } from "../../../src/jobs/analytics/analytics.ts";
import { clearAnalytics } from "../../../src/jobs/analytics/analytics-store.ts";
import { handleEvent } from "../../support/handle-event.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

let database: TestDatabase;
const job = createAnalyticsJob();

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());
beforeEach(() => clearAnalytics(database.sql));

function created(number: number, doctorId: string, bookedAt: string, appointmentDate: string) {
  return {
    eventName: "appointment.created",
    aggregateId: `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`,
    timestamp: bookedAt,
    version: 1,
    payload: { patientEmail: "pat@example.org", doctorId, appointmentDate },
  };
}

const history = [
  created(1, "house", "2026-03-02T23:59:00Z", "2026-03-03T09:00:00Z"),
  created(2, "house", "2026-03-03T00:30:00+01:00", "2026-03-03T10:00:00+01:00"),
  created(3, "house", "2026-03-02T08:00:00Z", "2026-03-12T08:00:00Z"),
  created(4, "house", "2026-03-02T08:00:01Z", "2026-03-12T08:00:00Z"),
  created(5, "wilson", "2026-03-02T10:00:00Z", "2026-03-02T11:00:00Z"),
];

const counts = async () => [
  ...await database.sql`
    select day::text, doctor_id as "doctorId", lead_days as "leadDays", bookings
    from analytics_counts order by doctor_id, day, lead_days`,
];

const expected = [
  { day: "2026-03-02", doctorId: "house", leadDays: 0, bookings: 2 },
  { day: "2026-03-02", doctorId: "house", leadDays: 9, bookings: 1 },
  { day: "2026-03-02", doctorId: "house", leadDays: 10, bookings: 1 },
  { day: "2026-03-02", doctorId: "wilson", leadDays: 0, bookings: 1 },
];

test("counts bookings by the day of booking in UTC, by doctor and by whole days ahead", async () => {
  for (const event of history) expect(await handleEvent(database.sql, job, event)).toEqual({ kind: "applied" });
  expect(await counts()).toEqual(expected);
});

test("the same events in another order and twice give the same counts", async () => {
  for (const event of [...history.toReversed(), ...history]) await handleEvent(database.sql, job, event);
  expect(await counts()).toEqual(expected);
});

test("cleared and fed again, the counts are the same", async () => {
  for (const event of history) await handleEvent(database.sql, job, event);
  await clearAnalytics(database.sql);
  expect(await counts()).toEqual([]);
  for (const event of history) await handleEvent(database.sql, job, event);
  expect(await counts()).toEqual(expected);
});
