import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Api, booking, createApi, doctor, otherKey } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;

const at = (time: string) => `2030-07-01T${time}:00+02:00`;
/** Taken, and half of it outside the working hours. */
const taken = { ...booking, appointmentDate: at("10:45") };
const mornings = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start: "09:00", end: "11:00" }));

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.sql`TRUNCATE appointments, doctors, outbox`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", { ...doctor, workingHours: mornings });
  await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: at("10:30"), durationMinutes: 30 });
});

async function lastPayload() {
  const [row] = await database.sql`SELECT body FROM outbox ORDER BY id DESC LIMIT 1`;
  return JSON.parse(row?.["body"]).payload;
}

async function book(appointmentDate: string): Promise<string> {
  const booked = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate });
  return booked.headers.get("Location") as string;
}

const move = (address: string, change: object, headers: Record<string, string> = {}) =>
  api.send("PATCH", address, change, { "If-Match": "*", ...headers });

test("a booking with overbook passes both checks, only with the scope, and the event says so", async () => {
  const overbook = { ...taken, overbook: true };
  const refused = await api.send("POST", "/v1/appointments", overbook, { "X-API-Key": otherKey });
  expect(refused.status).toBe(403);

  for (let time = 0; time < 2; time++) {
    const response = await api.send("POST", "/v1/appointments", overbook);
    expect(response.status).toBe(201);
    expect(await response.json()).toMatchObject({ overbooked: true });
  }
  expect(await lastPayload()).toMatchObject({ overbooked: true });
});

test("a move with overbook passes both checks, only with the scope, and the event says so", async () => {
  const address = await book(at("09:00"));
  const change = { appointmentDate: taken.appointmentDate, overbook: true };
  expect((await move(address, change, { "X-API-Key": otherKey })).status).toBe(403);
  expect((await move(address, { appointmentDate: taken.appointmentDate })).status).toBe(409);

  const moved = await move(address, change);
  expect(moved.status).toBe(200);
  expect(await moved.json()).toMatchObject({ appointmentDate: taken.appointmentDate, overbooked: true, version: 2 });
  expect(await lastPayload()).toMatchObject({ appointmentDate: taken.appointmentDate, overbooked: true });
});

test("an overbooked visit guards nothing, and one that is moved without overbook is a normal visit again", async () => {
  const address = await book(at("09:00"));
  await move(address, { appointmentDate: at("09:30"), overbook: true });
  await book(at("09:30"));

  const refused = await move(address, { durationMinutes: 25 });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ type: "/problems/slot-unavailable" });

  const moved = await move(address, { appointmentDate: at("10:00") });
  expect(await moved.json()).not.toHaveProperty("overbooked");
  expect(await lastPayload()).not.toHaveProperty("overbooked");
  expect((await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: at("10:00") })).status).toBe(409);
});
