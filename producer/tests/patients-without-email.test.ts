import * as v from "valibot";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { eventSchemas } from "../src/generated/events.ts";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;

const { patientEmail, ...visit } = booking;
const patientPhone = "+4930123456";

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql);
});
afterAll(() => database.drop());

beforeEach(async () => {
  await database.sql`TRUNCATE appointments, doctors, outbox`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});

const events = async () =>
  (await database.sql<{ body: string; headers: Record<string, unknown> }[]>`
    SELECT body, headers FROM outbox WHERE aggregate_type = 'appointment' ORDER BY id`)
    .map(({ body, headers }) => ({ ...JSON.parse(body), headers }));

test("a number is enough, and the event is of version 2, by the contract", async () => {
  const response = await api.send("POST", "/v1/appointments", { ...visit, patientPhone });
  expect(response.status).toBe(201);
  const appointment = await response.json();
  expect(appointment).toMatchObject({ ...visit, patientPhone });
  expect(appointment).not.toHaveProperty("patientEmail");
  expect(await (await api.send("GET", `/v1/appointments/${appointment.id}`)).json()).toEqual(appointment);

  const [{ headers, ...event }] = await events() as [{ headers: object; payload: object }];
  expect(headers).toMatchObject({ "x-event-version": 2 });
  expect(event).toMatchObject({ version: 2, payload: { patientPhone, doctorId: visit.doctorId } });
  expect(event.payload).not.toHaveProperty("patientEmail");
  expect(v.is(eventSchemas["appointment.created"], event)).toBe(true);
});

test("whoever has an address is told of in version 1, as ever", async () => {
  await api.send("POST", "/v1/appointments", { ...booking, patientPhone });
  expect(await events()).toEqual([
    expect.objectContaining({
      version: 1,
      headers: expect.objectContaining({ "x-event-version": 1 }),
      payload: expect.objectContaining({ patientEmail, patientPhone }),
    }),
  ]);
});

test("neither address nor number is refused, and both are pointed at", async () => {
  const response = await api.send("POST", "/v1/appointments", { ...visit, patientName: "Ada King" });
  expect(response.status).toBe(400);
  expect((await response.json()).errors).toEqual(
    ["#/patientEmail", "#/patientPhone"].map((pointer) => ({
      in: "body",
      pointer,
      detail: "one of patientEmail and patientPhone is required",
    })),
  );
  expect(await database.sql`SELECT FROM appointments`).toHaveLength(0);
});

test("the visit takes its course like any other, and an address can be added", async () => {
  const booked = await api.send("POST", "/v1/appointments", { ...visit, patientPhone });
  const address = booked.headers.get("Location") as string;
  const patch = (body: object, version: number) => api.send("PATCH", address, body, { "If-Match": `"${version}"` });
  expect((await patch({ durationMinutes: 45 }, 1)).status).toBe(200);
  expect(await (await patch({ patientEmail }, 2)).json()).toMatchObject({ patientEmail, patientPhone });
  expect((await api.send("POST", `${address}/cancel`)).status).toBe(200);
  expect((await events()).map(({ eventName, version, aggregateVersion }) => [eventName, version, aggregateVersion]))
    .toEqual([
      ["appointment.created", 2, 1],
      ["appointment.rescheduled", 1, 2],
      ["appointment.contact_changed", 1, 3],
      ["appointment.cancelled", 1, 4],
    ]);
});

test("the address can be removed where a number stays, the number where an address does, and never both", async () => {
  const booked = await api.send("POST", "/v1/appointments", { ...booking, patientPhone });
  const address = booked.headers.get("Location") as string;
  const patch = (body: object, version: number) => api.send("PATCH", address, body, { "If-Match": `"${version}"` });
  const both = await patch({ patientEmail: null, patientPhone: null }, 1);
  expect(both.status).toBe(400);
  expect((await both.json()).errors.map(({ pointer }: { pointer: string }) => pointer)).toEqual([
    "#/patientEmail",
    "#/patientPhone",
  ]);
  expect(await (await patch({ patientEmail: null }, 1)).json()).not.toHaveProperty("patientEmail");
  expect((await events()).at(-1)).toMatchObject({ version: 1, payload: { removed: ["patientEmail"] } });
  const last = await patch({ patientPhone: null }, 2);
  expect(last.status).toBe(400);
  expect((await last.json()).errors).toMatchObject([{ pointer: "#/patientPhone" }]);
  const swapped = await patch({ patientEmail, patientPhone: null }, 2);
  expect(await swapped.json()).toMatchObject({ patientEmail });
});
