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
  await database.sql`TRUNCATE appointments, doctors, outbox, taken_times`;
  await api.send("PUT", "/v1/doctors/dr-berlin", { ...doctor, workingHours: everyDay("09:00", "10:00") });
  await api.send("PUT", "/v1/doctors/dr-kyiv", {
    ...doctor,
    timeZone: "Europe/Kyiv",
    workingHours: everyDay("09:30", "11:30"),
  });
});

const day = { from: "2026-07-01T00:00:00Z", to: "2026-07-02T00:00:00Z" };
const ask = (query: Record<string, string>) =>
  api.send("GET", `/v1/slots?${new URLSearchParams({ doctorId: "dr-berlin,dr-kyiv", ...day, ...query })}`);

async function slots(query: Record<string, string> = {}): Promise<string[]> {
  const response = await ask(query);
  expect(response.status).toBe(200);
  return (await response.json()).items.map(({ doctorId, start }: Record<string, string>) => `${doctorId} ${start}`);
}

test("the slots of several doctors come in one order, each in its own local time", async () => {
  expect(await slots()).toEqual([
    "dr-kyiv 2026-07-01T09:30:00+03:00",
    "dr-berlin 2026-07-01T09:00:00+02:00",
    "dr-kyiv 2026-07-01T10:00:00+03:00",
    "dr-berlin 2026-07-01T09:30:00+02:00",
    "dr-kyiv 2026-07-01T10:30:00+03:00",
    "dr-kyiv 2026-07-01T11:00:00+03:00",
  ]);
  expect(await slots({ doctorId: "dr-berlin,dr-berlin" })).toHaveLength(2);
});

test("in the caller's time zone they name the same instants", async () => {
  const own = await slots();
  const there = await slots({ timeZone: "America/New_York" });
  expect(there[0]).toBe("dr-kyiv 2026-07-01T02:30:00-04:00");
  const instants = (found: string[]) => found.map((slot) => Date.parse(slot.split(" ")[1]!));
  expect(instants(there)).toEqual(instants(own));
});

test("the grid is apart from the length: an hour may begin every quarter, and half an hour every hour", async () => {
  expect(await slots({ doctorId: "dr-kyiv", durationMinutes: "60", stepMinutes: "15", timeZone: "UTC" })).toEqual(
    ["06:30", "06:45", "07:00", "07:15", "07:30"].map((time) => `dr-kyiv 2026-07-01T${time}:00+00:00`),
  );
  expect(await slots({ doctorId: "dr-kyiv", stepMinutes: "60", timeZone: "UTC" })).toEqual(
    ["06:30", "07:30"].map((time) => `dr-kyiv 2026-07-01T${time}:00+00:00`),
  );
});

test("every slot on a finer grid can be booked alone", async () => {
  const query = { durationMinutes: "45", stepMinutes: "5" };
  const offered = await (await ask(query)).json();
  expect(offered.items.length).toBeGreaterThan(15);
  for (const { doctorId, start } of offered.items) {
    const visit = { ...booking, doctorId, appointmentDate: start, durationMinutes: 45 };
    const booked = await api.send("POST", "/v1/appointments", visit);
    expect(booked.status, start).toBe(201);
    await api.send("POST", `${booked.headers.get("Location")}/cancel`);
  }
});

test("a visit that is to be moved leaves its own time free, to itself only", async () => {
  const visit = { ...booking, doctorId: "dr-berlin", appointmentDate: "2026-07-01T09:00:00+02:00" };
  const { id } = await (await api.send("POST", "/v1/appointments", visit)).json();
  await api.send("POST", "/v1/appointments", { ...visit, doctorId: "dr-kyiv" });
  const query = { doctorId: "dr-berlin", durationMinutes: "60" };
  expect(await slots(query)).toEqual([]);
  expect(await slots({ ...query, moving: id })).toEqual(["dr-berlin 2026-07-01T09:00:00+02:00"]);
  expect(await slots({ moving: id })).not.toContain("dr-kyiv 2026-07-01T10:00:00+03:00");
});

test("a hold takes its slots, for as long as it lives", async () => {
  const hold = await api.send("POST", "/v1/holds", {
    doctorId: "dr-berlin",
    appointmentDate: "2026-07-01T09:15:00+02:00",
    durationMinutes: 15,
  });
  expect(await slots({ doctorId: "dr-berlin" })).toEqual(["dr-berlin 2026-07-01T09:30:00+02:00"]);
  await database.sql`UPDATE taken_times SET held_until = now() WHERE id = ${(await hold.json()).id}`;
  expect(await slots({ doctorId: "dr-berlin" })).toHaveLength(2);
});

const many = (count: number) => Array.from({ length: count }, (_, n) => `dr-${n}`).join(",");

test.each([
  ["no doctor", { doctorId: "" }, "#/doctorId"],
  ["an id that none can have", { doctorId: "dr-berlin,,dr-kyiv" }, "#/doctorId"],
  ["a doctor who is not known", { doctorId: "dr-berlin,nobody" }, "#/doctorId"],
  ["21 doctors", { doctorId: many(21) }, "#/doctorId"],
  ["31 days and a second", { to: "2026-08-01T00:00:01Z" }, "#/to"],
  ["eight days of six doctors", { doctorId: many(6), to: "2026-07-09T00:00:00Z" }, "#/to"],
  ["an end before the start", { to: "2026-06-01T00:00:00Z" }, "#/to"],
  ["a step that is too fine", { stepMinutes: "4" }, "#/stepMinutes"],
  ["a visit that is too long", { durationMinutes: "481" }, "#/durationMinutes"],
  ["a zone that there is not", { timeZone: "Mars/Base" }, "#/timeZone"],
  ["a visit that is not known", { moving: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11" }, "#/moving"],
])("%s is refused with a pointer", async (_, query, pointer) => {
  const response = await ask(query as Record<string, string>);
  expect(response.status).toBe(400);
  expect((await response.json()).errors[0]).toMatchObject({ in: "query", pointer });
});
