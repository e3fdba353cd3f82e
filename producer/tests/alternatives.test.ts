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

async function addDoctor(workingHours: object[], exceptions: object[]): Promise<void> {
  await api.send("PUT", "/v1/doctors/dr-other", { ...doctor, timeZone: "UTC", workingHours, exceptions });
}

async function refused(visit: object) {
  const response = await api.send("POST", "/v1/appointments", visit);
  expect(response.status).toBe(409);
  return await response.json();
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
  const exceptions = [{ date: "2026-07-08", intervals: [{ start: "09:00", end: "10:00" }] }];
  await addDoctor([{ weekday: 1, start: "09:00", end: "10:00" }], exceptions);
  const visit = { ...booking, doctorId: "dr-other", durationMinutes: 45 };
  await api.send("POST", "/v1/appointments", { ...visit, appointmentDate: "2026-07-13T09:15:00Z" });
  const { type, alternatives } = await refused({
    ...visit,
    appointmentDate: "2026-07-06T09:15:00Z",
    durationMinutes: 60,
  });
  expect(type).toBe("/problems/outside-working-hours");
  expect(alternatives).toEqual([
    { start: "2026-07-06T09:00:00+00:00", end: "2026-07-06T10:00:00+00:00" },
    { start: "2026-07-08T09:00:00+00:00", end: "2026-07-08T10:00:00+00:00" },
    { start: "2026-06-29T09:00:00+00:00", end: "2026-06-29T10:00:00+00:00" },
  ]);
});

const daysFrom = (first: string, count: number) =>
  Array.from(
    { length: count },
    (_, day) => new Date(Date.parse(first) + day * 86_400_000).toISOString().slice(0, 10),
  );
const away = (first: string, count: number) => daysFrom(first, count).map((date) => ({ date, intervals: [] }));

test.each([
  ["a fortnight's holiday", away("2026-06-24", 14), ["2026-07-08", "2026-06-23", "2026-07-09"]],
  ["two months abroad", away("2026-06-01", 60), ["2026-07-31", "2026-05-31", "2026-08-01"]],
])("after %s there are three alternatives all the same", async (_, exceptions, dates) => {
  await addDoctor(everyDay("09:00", "09:30"), exceptions);
  const { alternatives } = await refused({
    ...booking,
    doctorId: "dr-other",
    appointmentDate: "2026-07-01T09:00:00Z",
  });
  expect(alternatives.map(({ start }: { start: string }) => start.slice(0, 10))).toEqual(dates);
});

test("farther than 90 days nothing is offered", async () => {
  await addDoctor(everyDay("09:00", "09:30"), away("2026-01-01", 300));
  const { alternatives } = await refused({
    ...booking,
    doctorId: "dr-other",
    appointmentDate: "2026-07-01T09:00:00Z",
  });
  expect(alternatives).toEqual([]);
});

test("who moves a visit is offered its own time as part of another, but not where it is already", async () => {
  const at = (time: string) => `2026-07-01T${time}:00+02:00`;
  const own = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: at("09:30") });
  await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: at("10:30") });
  const move = async (change: object) => {
    const headers = { "If-Match": "*" };
    const response = await api.send("PATCH", own.headers.get("Location") as string, change, headers);
    expect(response.status).toBe(409);
    const { alternatives } = await response.json();
    return alternatives.map(({ start }: { start: string }) => start);
  };
  expect((await move({ appointmentDate: at("10:00"), durationMinutes: 60 }))[0]).toBe(at("09:00"));
  expect((await move({ appointmentDate: at("10:30") })).slice(0, 2)).toEqual([at("10:00"), at("09:00")]);
});
