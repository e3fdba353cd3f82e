import { Temporal } from "temporal-polyfill";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => new Date("2026-12-01T00:00:00Z") });
});
afterAll(() => database.drop());

const first = Temporal.Instant.from("2026-12-01T00:00:00Z");
const last = first.add({ hours: 24 * 3_653 });

/** The local dates around each change of the zone's offset in ten years. */
function datesOfChanges(timeZone: string): string[] {
  const dates = new Set<string>();
  for (
    let at = first.toZonedDateTimeISO(timeZone).getTimeZoneTransition("next");
    at && at.epochMilliseconds < last.epochMilliseconds;
    at = at.getTimeZoneTransition("next")
  ) {
    for (const days of [-1, 0, 1]) dates.add(at.toPlainDate().add({ days }).toString());
  }
  return [...dates];
}

test(
  "in every zone the days beside each change of ten years may be worked from their beginning to their end",
  async () => {
    let days = 0;
    for (const timeZone of Intl.supportedValuesOf("timeZone")) {
      const dates = datesOfChanges(timeZone);
      days += dates.length;
      const exceptions = dates.map((date) => ({ date, intervals: [{ start: "00:00", end: "24:00" }] }));
      const response = await api.send("PUT", "/v1/doctors/dr-edges", { ...doctor, timeZone, exceptions });
      expect(response.status, `${timeZone} ${await response.text()}`).toBeLessThan(300);
    }
    expect(days).toBeGreaterThan(3_000);
  },
  120_000,
);

test.each([
  // Each has a change at midnight: one that skips it, or one that repeats it.
  ["Africa/Cairo", "2027-04-30"],
  ["America/Santiago", "2027-09-05"],
  ["America/Havana", "2027-03-14"],
  ["America/Havana", "2027-11-07"],
  ["Asia/Beirut", "2027-03-28"],
  ["Atlantic/Azores", "2027-03-28"],
  ["Atlantic/Azores", "2027-10-31"],
])(
  "%s, %s: an exception of the whole day and of the evening before are all of their time, and bookable",
  async (timeZone, date) => {
    const day = Temporal.PlainDate.from(date);
    const before = day.subtract({ days: 1 });
    const away = [-2, 1, 2].map((days) => ({ date: day.add({ days }).toString(), intervals: [] }));
    const exceptions = [
      ...away,
      { date: before.toString(), intervals: [{ start: "20:00", end: "24:00" }] },
      { date, intervals: [{ start: "00:00", end: "24:00" }] },
    ];
    const put = await api.send("PUT", "/v1/doctors/dr-edge", { ...doctor, timeZone, exceptions });
    expect(put.status).toBeLessThan(300);

    const from = before.toZonedDateTime({ timeZone, plainTime: "20:00" });
    const to = day.add({ days: 1 }).toZonedDateTime(timeZone);
    const range = { from: from.subtract({ hours: 3 }).toInstant(), to: to.add({ hours: 3 }).toInstant() };
    const query = `from=${range.from}&to=${range.to}&durationMinutes=60`;
    const { items } = await (await api.send("GET", `/v1/doctors/dr-edge/slots?${query}`)).json();
    expect(items).toHaveLength(from.until(to).total("hours"));
    for (const { start } of [items[0], items[3], items[4], items.at(-1)]) {
      const visit = { ...booking, doctorId: "dr-edge", appointmentDate: start, durationMinutes: 60 };
      const booked = await api.send("POST", "/v1/appointments", visit);
      expect(booked.status, start).toBe(201);
      await api.send("POST", `${booked.headers.get("Location")}/cancel`);
    }
  },
);

test("every name of a zone is the same zone: no event says that it changed", async () => {
  const rows = await database.sql<{ name: string }[]>`SELECT name FROM pg_timezone_names ORDER BY name`;
  const named = new Map<string, string[]>();
  for (const { name } of rows) {
    try {
      const primary = new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone;
      named.set(primary, [...named.get(primary) ?? [], name]);
    } catch {
      // PostgreSQL knows names that are no zones of the runtime.
    }
  }
  const pairs = [...named.values()].flatMap(([known, ...aliases]) => aliases.map((alias) => [known!, alias] as const));
  expect(pairs).toContainEqual(["Europe/Kiev", "Europe/Kyiv"]);
  expect(pairs.length).toBeGreaterThan(100);

  let hour = 0;
  for (const [known, alias] of pairs) {
    const appointmentDate = new Date(Date.parse("2030-01-01T00:00:00Z") + 3_600_000 * hour++).toISOString();
    await api.send("PUT", "/v1/doctors/dr-zone", { ...doctor, timeZone: known });
    const booked = await api.send("POST", "/v1/appointments", { ...booking, doctorId: "dr-zone", appointmentDate });
    await database.sql`TRUNCATE outbox`;
    const again = await api.send("PUT", "/v1/doctors/dr-zone", { ...doctor, timeZone: alias });
    expect((await again.json()).timeZone).toBe(known);
    const renamed = await api.send("PATCH", booked.headers.get("Location") as string, { timeZone: alias }, {
      "If-Match": "*",
    });
    expect(await renamed.json(), `${known} ${alias}`).toMatchObject({ timeZone: known, version: 1 });
    expect(await database.sql`SELECT FROM outbox`).toHaveLength(0);
  }
}, 120_000);
