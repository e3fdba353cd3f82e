import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let now: Date;
let address: string;

const longBefore = new Date("2030-06-01T08:00:00Z");
const atItsStart = new Date(booking.appointmentDate);

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
});
afterAll(() => database.drop());

beforeEach(async () => {
  now = longBefore;
  await database.sql`TRUNCATE appointments, doctors, outbox, taken_times`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  address = (await api.send("POST", "/v1/appointments", { ...booking, durationMinutes: 60 })).headers.get("Location") ??
    "";
});

async function take(...steps: string[]): Promise<void> {
  now = atItsStart;
  for (const step of steps) expect((await api.send("POST", `${address}/${step}`)).status).toBe(200);
}

async function lastEvent() {
  const [row] = await database.sql`SELECT body FROM outbox ORDER BY id DESC LIMIT 1`;
  return JSON.parse(row?.["body"]);
}

test.each([
  [["arrive"], "arrived"],
  [["arrive", "complete"], "completed"],
  [["no-show"], "no_show"],
])("after %j a visit is booked again, and its event says all that holds its slot", async (steps, previousStatus) => {
  await take(...steps);
  const version = steps.length + 2;
  const response = await api.send("POST", `${address}/reopen`, {}, { "If-Match": `"${version - 1}"` });
  expect(response.status).toBe(200);
  expect(response.headers.get("ETag")).toBe(`"${version}"`);
  expect(await response.json()).toMatchObject({ status: "booked", version, appointmentDate: booking.appointmentDate });
  expect(await lastEvent()).toMatchObject({ eventName: "appointment.reopened", aggregateVersion: version });
  expect((await lastEvent()).payload).toEqual({
    doctorId: "dr-lovelace",
    appointmentDate: booking.appointmentDate,
    durationMinutes: 60,
    previousStatus,
    timeZone: "Europe/Berlin",
  });
  // Its course begins anew, and its slot is held.
  const there = { ...booking, appointmentDate: "2030-07-01T10:30:00+02:00" };
  expect((await api.send("POST", "/v1/appointments", there)).status).toBe(409);
  expect((await api.send("POST", `${address}/arrive`)).status).toBe(200);
});

test.each([[["arrive", "complete"]], [["no-show"]]])(
  "after %j a visit whose slot is gone stays as it is, and other times are offered",
  async (steps) => {
    await take(...steps);
    const there = { ...booking, appointmentDate: "2030-07-01T10:30:00+02:00" };
    expect((await api.send("POST", "/v1/appointments", there)).status).toBe(201);
    const before = await (await api.send("GET", address)).json();
    await database.sql`TRUNCATE outbox`;

    const refused = await api.send("POST", `${address}/reopen`);
    expect(refused.status).toBe(409);
    expect(await refused.json()).toMatchObject({
      type: "/problems/slot-unavailable",
      alternatives: [expect.anything(), expect.anything(), expect.anything()],
    });
    expect(await (await api.send("GET", address)).json()).toEqual(before);
    expect(await database.sql`SELECT FROM outbox`).toHaveLength(0);
  },
);

test("a hold keeps the slot from a visit that is reopened", async () => {
  await take("no-show");
  const held = await api.send("POST", "/v1/holds", {
    doctorId: "dr-lovelace",
    appointmentDate: "2030-07-01T10:30:00+02:00",
    durationMinutes: 30,
  });
  expect(held.status).toBe(201);
  expect((await api.send("POST", `${address}/reopen`)).status).toBe(409);
  await api.send("DELETE", `/v1/holds/${(await held.json()).id}`);
  expect((await api.send("POST", `${address}/reopen`)).status).toBe(200);
});

test("an overbooked visit guards nothing, so it is reopened whoever is there", async () => {
  const over = await api.send("POST", "/v1/appointments", { ...booking, overbook: true });
  address = over.headers.get("Location") as string;
  await take("no-show");
  expect((await api.send("POST", `${address}/reopen`)).status).toBe(200);
  expect((await lastEvent()).payload).toMatchObject({ overbooked: true, previousStatus: "no_show" });
});

test("of a reopening and a booking of its slot at the same time one is taken", async () => {
  for (let round = 0; round < 10; round++) {
    await database.sql`TRUNCATE appointments, outbox`;
    now = longBefore;
    const booked = await api.send("POST", "/v1/appointments", { ...booking, durationMinutes: 60 });
    address = booked.headers.get("Location") as string;
    await take("no-show");
    const there = { ...booking, appointmentDate: "2030-07-01T10:30:00+02:00" };
    const [reopened, other] = await Promise.all([
      api.send("POST", `${address}/reopen`),
      api.send("POST", "/v1/appointments", there),
    ]);
    expect([[200, 409], [409, 201]]).toContainEqual([reopened.status, other.status]);
  }
});

test("what is booked stays booked without an event; what was cancelled stays cancelled; a stale version is refused", async () => {
  await database.sql`TRUNCATE outbox`;
  const unchanged = await api.send("POST", `${address}/reopen`);
  expect([unchanged.status, unchanged.headers.get("ETag")]).toEqual([200, `"1"`]);
  expect(await database.sql`SELECT FROM outbox`).toHaveLength(0);

  await api.send("POST", `${address}/cancel`);
  const cancelled = await api.send("POST", `${address}/reopen`);
  expect(await cancelled.json()).toMatchObject({
    type: "/problems/invalid-transition",
    currentStatus: "cancelled",
    allowedTransitions: [],
  });
  expect((await api.send("POST", `${address}/reopen`, {}, { "If-Match": `"1"` })).status).toBe(412);
  const unknown = "/v1/appointments/0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11/reopen";
  expect((await api.send("POST", unknown)).status).toBe(404);
});
