import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let address: string;

const patientName = "Zoë O’Brien-李";

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.sql`TRUNCATE appointments, doctors, outbox`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  const response = await api.send("POST", "/v1/appointments", { ...booking, patientName });
  address = response.headers.get("Location") as string;
});

const patch = (body: object, version: number) => api.send("PATCH", address, body, { "If-Match": `"${version}"` });
const events = async () =>
  (await database.sql<{ body: string; headers: object }[]>`
    SELECT body, headers FROM outbox WHERE aggregate_type = 'appointment' ORDER BY id`)
    .map(({ body, headers }) => ({ ...JSON.parse(body), headers }));

test("is in the booking's event, and in no other but that of a contact's change", async () => {
  await patch({ durationMinutes: 45 }, 1);
  await patch({ patientName: "Zoë King" }, 2);
  await api.send("POST", `${address}/cancel`);
  const published = await events();
  expect(published.map(({ eventName, payload }) => [eventName, payload.patientName])).toEqual([
    ["appointment.created", patientName],
    ["appointment.rescheduled", undefined],
    ["appointment.contact_changed", "Zoë King"],
    ["appointment.cancelled", undefined],
  ]);
  expect(published[2]?.payload).toEqual({ patientName: "Zoë King" });
  expect(JSON.stringify(published.map(({ headers }) => headers))).not.toContain("Zo");
  expect((await (await api.send("GET", address)).json()).patientName).toBe("Zoë King");
});

test.each([
  [""],
  ["   "],
  ["x".repeat(201)],
  ["two\nlines"],
  ["bell\u0007"],
  ["next\u0085line"],
  ["line\u2028separator"],
  ["turned\u202e"],
  ["isolated\u2066"],
  [7],
])("%j is refused by a booking and by a change, and pointed at", async (wrong) => {
  const body = { patientName: wrong };
  for (const response of [await api.send("POST", "/v1/appointments", { ...booking, ...body }), await patch(body, 1)]) {
    expect(response.status).toBe(400);
    expect((await response.json()).errors[0]).toMatchObject({ in: "body", pointer: "#/patientName" });
  }
});
