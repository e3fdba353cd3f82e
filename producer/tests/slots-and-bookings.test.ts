import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { anyHours, type Hours } from "./any-hours.ts";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

const minute = 60_000;
const rasterMs = 15 * minute;

let database: PrivateDatabase;
let api: Api;
let now = new Date("2026-12-01T00:00:00Z");

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
});
afterAll(() => database.drop());

type Range = { from: number; to: number };

/**
 * Where slots may begin, read off the wall clock a quarter of an hour after another: a whole number of slots after the
 * beginning of the interval that the clock is in. Whether the time is free is not asked here.
 */
function gridOf({ timeZone, workingHours, exceptions }: Hours, { from, to }: Range, durationMinutes: number): number[] {
  const wallClock = new Intl.DateTimeFormat("en-CA", {
    timeZone,
    hourCycle: "h23",
    dateStyle: "short",
    timeStyle: "short",
  });
  const grid: number[] = [];
  let before = "";
  let began = 0;
  for (let at = from - 36 * 60 * minute; at < to; at += rasterMs) {
    const [date = "", clock = ""] = wallClock.format(at).split(", ");
    const weekday = new Date(`${date}T00:00:00Z`).getUTCDay() || 7;
    const day = exceptions.find((exception) => exception.date === date)?.intervals ??
      (workingHours.length === 0
        ? [{ start: "00:00", end: "24:00" }]
        : workingHours.filter((interval) => interval.weekday === weekday));
    const current = day.find(({ start, end }) => start <= clock && clock < end);
    const name = current ? `${date} ${current.start}` : "";
    if (name !== before) [before, began] = [name, at];
    if (name && at >= from && (at - began) % (durationMinutes * minute) === 0) grid.push(at);
  }
  return grid;
}

const book = (startsAt: number, durationMinutes: number) =>
  api.send("POST", "/v1/appointments", {
    ...booking,
    appointmentDate: new Date(startsAt).toISOString(),
    durationMinutes,
  });

/** Of these starts, those at which a booking is accepted; each is tried alone. */
async function bookable(starts: readonly number[], durationMinutes: number): Promise<number[]> {
  const accepted: number[] = [];
  for (const start of starts) {
    const response = await book(start, durationMinutes);
    if (response.status !== 201) continue;
    accepted.push(start);
    await database.sql`DELETE FROM appointments WHERE id = ${(await response.json()).id}`;
  }
  return accepted;
}

async function offered(range: Range, durationMinutes: number): Promise<number[]> {
  const [from, to] = [range.from, range.to].map((at) => new Date(at).toISOString());
  const query = new URLSearchParams({ from: from!, to: to!, durationMinutes: String(durationMinutes) });
  const response = await api.send("GET", `/v1/doctors/${booking.doctorId}/slots?${query}`);
  return (await response.json()).items.map(({ start }: { start: string }) => Date.parse(start));
}

const visits = fc.array(
  fc.record({
    start: fc.nat(2 * 24 * 12).map((steps) => steps * 5 * minute),
    durationMinutes: fc.constantFrom(5, 25, 60, 240),
  }),
  { maxLength: 4 },
);

test(
  "what may be booked on the grid is offered, and what is offered may be booked, in any zone and at any hours",
  async () => {
    let seen = 0;
    await fc.assert(
      fc.asyncProperty(
        anyHours,
        visits,
        fc.constantFrom(15, 30, 60, 90, 480),
        fc.integer({ min: -4, max: 40 }).map((quarters) => quarters * 15),
        async ({ hours, range }, visits, durationMinutes, minutesGone) => {
          await database.sql`TRUNCATE appointments, doctors, outbox`;
          now = new Date("2026-12-01T00:00:00Z");
          const put = await api.send("PUT", `/v1/doctors/${booking.doctorId}`, { ...doctor, ...hours });
          // An exception may name a time that its day does not have, or has twice.
          fc.pre(put.status === 201);
          for (const visit of visits) await book(range.from + visit.start, visit.durationMinutes);
          now = new Date(range.from + minutesGone * minute);

          const slots = await offered(range, durationMinutes);
          expect(slots).toEqual(await bookable(gridOf(hours, range, durationMinutes), durationMinutes));
          seen += slots.length;
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
    expect(seen).toBeGreaterThan(200);
  },
  300_000,
);

const overMidnight = [{ weekday: 1, start: "22:30", end: "24:00" }, { weekday: 2, start: "00:00", end: "01:30" }];

test.each([
  ["hours that join at midnight", overMidnight, 60, "23:30"],
  ["a doctor without hours", [], 50, "23:20"],
])(
  "%s: the last slot of the day runs over midnight, and is among the alternatives",
  async (_, workingHours, minutes, time) => {
    now = new Date("2026-12-01T00:00:00Z");
    await database.sql`TRUNCATE appointments, doctors, outbox`;
    await api.send("PUT", `/v1/doctors/${booking.doctorId}`, { ...doctor, timeZone: "UTC", workingHours });
    const last = Date.parse(`2027-01-04T${time}:00Z`);
    expect(await offered({ from: last, to: last + 1 }, minutes)).toEqual([last]);

    expect((await book(last - minutes * minute, minutes)).status).toBe(201);
    const refused = await book(last - 5 * minute, minutes);
    expect(refused.status).toBe(409);
    const { alternatives } = await refused.json();
    expect(Date.parse(alternatives[0].start)).toBe(last);
  },
);
