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

/** Overbooked onto another visit. */
async function overbooked(): Promise<string> {
  const address = await book(at("09:00"));
  await move(address, { appointmentDate: at("09:30"), overbook: true });
  await book(at("09:30"));
  return address;
}

test("an overbooked visit guards nothing, and one that is moved with overbook: false is a normal visit again", async () => {
  const address = await overbooked();
  const refused = await move(address, { durationMinutes: 25, overbook: false });
  expect(refused.status).toBe(409);
  expect(await refused.json()).toMatchObject({ type: "/problems/slot-unavailable" });

  const moved = await move(address, { appointmentDate: at("10:00"), overbook: false });
  expect(await moved.json()).not.toHaveProperty("overbooked");
  expect(await lastPayload()).not.toHaveProperty("overbooked");
  expect((await api.send("POST", "/v1/appointments", { ...booking, appointmentDate: at("10:00") })).status).toBe(409);
});

const partner = { "X-API-Key": otherKey };

test.each([
  ["is shortened", { durationMinutes: 25 }],
  ["begins later and ends earlier", { appointmentDate: at("09:40"), durationMinutes: 10 }],
  ["gets another zone", { timeZone: "UTC" }],
])("an overbooked visit that %s stays overbooked, whoever asks", async (_, change) => {
  const address = await overbooked();
  const changed = await move(address, change, partner);
  expect([changed.status, await changed.json()]).toMatchObject([200, { overbooked: true }]);
  expect(await lastPayload()).toMatchObject({ overbooked: true });
});

test.each([
  ["later", { appointmentDate: at("10:30") }],
  ["earlier", { appointmentDate: at("09:00") }],
  ["longer", { durationMinutes: 45 }],
  ["with another doctor", { doctorId: "dr-hopper" }],
])("an overbooked visit that is to be %s stays overbooked only for who may overbook", async (_, change) => {
  await api.send("PUT", "/v1/doctors/dr-hopper", doctor);
  const address = await overbooked();
  expect((await move(address, change, partner)).status).toBe(403);
  const changed = await move(address, change);
  expect([changed.status, await changed.json()]).toMatchObject([200, { overbooked: true }]);
});

test("overbook alone is a change, and beside a contact only where it changes nothing", async () => {
  const address = await book(at("09:00"));
  expect((await move(address, { overbook: false, locale: "fr" })).status).toBe(200);
  expect(await (await move(address, { overbook: true })).json()).toMatchObject({ overbooked: true, version: 3 });
  expect((await move(address, { overbook: false, locale: "de" })).status).toBe(400);
  expect(await (await move(address, { locale: "de" })).json()).toMatchObject({ overbooked: true, version: 4 });
  expect((await move(address, { overbook: false, reference: "case-7" }, partner)).status).toBe(200);
  await move(address, { overbook: true });
  const normal = await move(address, { overbook: false }, partner);
  expect(await normal.json()).not.toHaveProperty("overbooked");
});
