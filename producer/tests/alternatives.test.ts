import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;

const everyDay = (start: string, end: string) => [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start, end }));

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => new Date("2026-01-01T00:00:00Z") });
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.sql`TRUNCATE appointments, doctors, outbox`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", { ...doctor, workingHours: everyDay("09:00", "11:00") });
});

async function addDoctor(timeZone: string, workingHours: object[]): Promise<void> {
  await api.send("PUT", "/v1/doctors/dr-other", { ...doctor, timeZone, workingHours });
}

test("outside the working hours is refused, with the nearest free slots", async () => {
  const response = await api.send("POST", "/v1/appointments", {
    ...booking,
    appointmentDate: "2026-07-01T10:45:00+02:00",
  });
  expect(response.status).toBe(409);
  const problem = await response.json();
  expect(problem.type).toBe("/problems/outside-working-hours");
  expect(problem.alternatives.map((slot: { start: string }) => slot.start)).toEqual([
    "2026-07-01T10:30:00+02:00",
    "2026-07-01T10:00:00+02:00",
    "2026-07-01T09:30:00+02:00",
  ]);
});

test("a taken time is refused with the three nearest free slots", async () => {
  const taken = { ...booking, appointmentDate: "2026-07-01T10:00:00+02:00" };
  await api.send("POST", "/v1/appointments", taken);
  const problem = await (await api.send("POST", "/v1/appointments", taken)).json();
  expect(problem).toMatchObject({ status: 409, type: "/problems/slot-unavailable" });
  expect(problem.alternatives).toEqual([
    { start: "2026-07-01T09:30:00+02:00", end: "2026-07-01T10:00:00+02:00" },
    { start: "2026-07-01T10:30:00+02:00", end: "2026-07-01T11:00:00+02:00" },
    { start: "2026-07-01T09:00:00+02:00", end: "2026-07-01T09:30:00+02:00" },
  ]);
});

test("what is offered instead is free to its end, also at the edge of what is looked at", async () => {
  const mondays = [{ weekday: 1, start: "09:00", end: "10:00" }];
  await addDoctor("UTC", mondays);
  const visit = { ...booking, doctorId: "dr-other", durationMinutes: 45 };
  await api.send("POST", "/v1/appointments", { ...visit, appointmentDate: "2026-07-13T09:15:00Z" });
  const response = await api.send("POST", "/v1/appointments", {
    ...visit,
    appointmentDate: "2026-07-06T09:15:00Z",
    durationMinutes: 60,
  });
  const { type, alternatives } = await response.json();
  expect(type).toBe("/problems/outside-working-hours");
  expect(alternatives).toEqual([{ start: "2026-07-06T09:00:00+00:00", end: "2026-07-06T10:00:00+00:00" }]);
});
