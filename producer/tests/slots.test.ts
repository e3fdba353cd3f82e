import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let now: Date;

const everyDay = (start: string, end: string) => [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start, end }));

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
});
afterAll(() => database.drop());

beforeEach(async () => {
  now = new Date("2026-01-01T00:00:00Z");
  await database.sql`TRUNCATE appointments, doctors, outbox`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", { ...doctor, workingHours: everyDay("09:00", "11:00") });
});

const slotsOf = async (id: string, query: Record<string, string>) =>
  await api.send("GET", `/v1/doctors/${id}/slots?${new URLSearchParams(query)}`);

async function starts(id: string, from: string, to: string, durationMinutes = "30"): Promise<string[]> {
  const response = await slotsOf(id, { from, to, durationMinutes });
  return (await response.json()).items.map((slot: { start: string }) => slot.start);
}

async function addDoctor(timeZone: string, workingHours: object[]): Promise<void> {
  await api.send("PUT", "/v1/doctors/dr-other", { ...doctor, timeZone, workingHours });
}

test("free slots are working time without the visits, in the doctor's own clock", async () => {
  const at = (time: string) => `2026-07-01T${time}:00+02:00`;
  await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: at("09:30") });
  const day = ["2026-07-01T00:00:00+02:00", "2026-07-02T00:00:00+02:00"] as const;
  expect(await starts("dr-lovelace", ...day)).toEqual([at("09:00"), at("10:00"), at("10:30")]);
  expect(await starts("dr-lovelace", ...day, "60")).toEqual([at("10:00")]);
});

test("every slot that is offered can be booked, and afterwards is gone", async () => {
  const day = ["2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"] as const;
  const offered = await starts("dr-lovelace", ...day);
  expect(offered).toHaveLength(4);
  for (const appointmentDate of offered) {
    expect((await api.send("POST", "/v1/appointments", { ...booking, appointmentDate })).status).toBe(201);
  }
  expect(await starts("dr-lovelace", ...day)).toEqual([]);
});

test("a cancelled visit gives its slot back", async () => {
  const day = ["2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z"] as const;
  const { id } =
    await (await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: "2026-07-01T07:00:00Z" })).json();
  expect(await starts("dr-lovelace", ...day)).toHaveLength(3);
  await api.send("POST", `/v1/appointments/${id}/cancel`);
  expect(await starts("dr-lovelace", ...day)).toHaveLength(4);
});

test("nothing in the past is offered", async () => {
  now = new Date("2026-07-01T07:40:00Z");
  expect(await starts("dr-lovelace", "2026-07-01T00:00:00Z", "2026-07-02T00:00:00Z")).toEqual([
    "2026-07-01T10:00:00+02:00",
    "2026-07-01T10:30:00+02:00",
  ]);
});

test("America/New_York, 8 March 2026: no slot in the hour that is skipped", async () => {
  await addDoctor("America/New_York", everyDay("01:00", "04:00"));
  expect(await starts("dr-other", "2026-03-08T00:00:00-05:00", "2026-03-09T00:00:00-04:00", "60")).toEqual([
    "2026-03-08T01:00:00-05:00",
    "2026-03-08T03:00:00-04:00",
  ]);
});

test("America/New_York, 1 November 2026: the repeated hour has slots twice, told apart by the offset and bookable", async () => {
  await addDoctor("America/New_York", everyDay("01:00", "02:00"));
  const offered = await starts("dr-other", "2026-11-01T00:00:00-04:00", "2026-11-02T00:00:00-05:00", "60");
  expect(offered).toEqual(["2026-11-01T01:00:00-04:00", "2026-11-01T01:00:00-05:00"]);
  for (const appointmentDate of offered) {
    const response = await api.send("POST", "/v1/appointments", {
      ...booking,
      doctorId: "dr-other",
      appointmentDate,
      durationMinutes: 60,
    });
    expect((await response.json()).appointmentDate).toBe(appointmentDate);
  }
});

test("Australia/Lord_Howe changes by half an hour, Asia/Beirut at midnight", async () => {
  await addDoctor("Australia/Lord_Howe", everyDay("01:30", "03:00"));
  expect(await starts("dr-other", "2026-10-03T12:00:00Z", "2026-10-04T12:00:00Z")).toEqual([
    "2026-10-04T01:30:00+10:30",
    "2026-10-04T02:30:00+11:00",
  ]);
  await addDoctor("Asia/Beirut", everyDay("00:00", "01:30"));
  expect(await starts("dr-other", "2026-03-28T12:00:00Z", "2026-03-29T12:00:00Z")).toEqual([
    "2026-03-29T01:00:00+03:00",
  ]);
});

test("a local time that the clocks skip is refused where it is written in the zone's own offset", async () => {
  await addDoctor("America/New_York", []);
  const body = { ...booking, doctorId: "dr-other", appointmentDate: "2026-03-08T02:30:00-05:00" };
  const response = await api.send("POST", "/v1/appointments", body);
  expect(response.status).toBe(400);
  expect((await response.json()).errors).toEqual([expect.objectContaining({ pointer: "#/appointmentDate" })]);
});

test("an exception at a local time that does not exist or exists twice is refused", async () => {
  const exceptions = [
    { date: "2026-03-08", intervals: [{ start: "02:30", end: "05:00" }] },
    { date: "2026-11-01", intervals: [{ start: "00:00", end: "01:30" }] },
  ];
  const response = await api.send("PUT", "/v1/doctors/dr-x", { ...doctor, timeZone: "America/New_York", exceptions });
  expect(response.status).toBe(400);
  expect((await response.json()).errors).toEqual([
    {
      in: "body",
      pointer: "#/exceptions/0/intervals/0/start",
      detail: "does not exist in America/New_York on that day",
    },
    { in: "body", pointer: "#/exceptions/1/intervals/0/end", detail: "exists twice in America/New_York on that day" },
  ]);
});

test("hours that overlap, and a date twice, are refused", async () => {
  const response = await api.send("PUT", "/v1/doctors/dr-x", {
    ...doctor,
    workingHours: [{ weekday: 1, start: "09:00", end: "12:00" }, { weekday: 1, start: "11:00", end: "13:00" }],
    exceptions: [{ date: "2026-12-24", intervals: [] }, { date: "2026-12-24", intervals: [] }],
  });
  expect((await response.json()).errors.map((error: { pointer: string }) => error.pointer)).toEqual([
    "#/workingHours/1",
    "#/exceptions/1/date",
  ]);
});

test.each([
  ["more than 31 days", { from: "2026-07-01T00:00:00Z", to: "2026-08-01T00:00:01Z" }, "#/to"],
  ["an end before its start", { from: "2026-07-02T00:00:00Z", to: "2026-07-01T00:00:00Z" }, "#/to"],
  ["no range", { from: "2026-07-02T00:00:00Z" }, "#/to"],
  [
    "a visit that is too short",
    { from: "2026-07-01T00:00:00Z", to: "2026-07-02T00:00:00Z", durationMinutes: "4" },
    "#/durationMinutes",
  ],
])("%s is refused", async (_, query, pointer) => {
  const response = await slotsOf("dr-lovelace", query as Record<string, string>);
  expect(response.status).toBe(400);
  expect((await response.json()).errors[0].pointer).toBe(pointer);
});

test("the slots of a doctor who is not known are 404", async () => {
  expect((await slotsOf("nobody", { from: "2026-07-01T00:00:00Z", to: "2026-07-02T00:00:00Z" })).status).toBe(404);
});
