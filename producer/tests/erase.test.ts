import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createRelayStore } from "../src/outbox/outbox-store.ts";
import { erasedEmail, erasedPhone } from "../src/patients/redact-event.ts";
import { type Api, apiKey, booking, createApi, doctor, otherKey } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let day = 0;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => new Date("2029-12-01T00:00:00Z") });
});
beforeEach(async () => {
  await database.sql`TRUNCATE outbox, outbox_archive, appointments, doctors, idempotency_keys, taken_times`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(() => database.drop());

const marker = "marked-with-q7x";
const marked = {
  patientEmail: `${marker}@example.org`,
  patientPhone: "+4930777123456",
  patientName: `Jane ${marker}`,
  locale: "de",
  reference: `case-${marker}`,
  metadata: { note: marker },
};

async function book(fields: object, headers: Record<string, string> = {}) {
  const appointmentDate = new Date(Date.UTC(2030, 0, 1 + day++, 9)).toISOString();
  const response = await api.send("POST", "/v1/appointments", { ...booking, appointmentDate, ...fields }, headers);
  expect(response.status).toBe(201);
  return await response.json();
}

const erase = async (body: object, headers = {}) => await api.send("POST", "/v1/patients/erase", body, headers);

/** Moves what waits to the archive, as the relay does after the broker's confirm. */
async function confirmAll(): Promise<void> {
  await database.sql`UPDATE relay_lease SET term = 1`;
  const rows = await database.sql<{ id: string }[]>`SELECT id FROM outbox`;
  await createRelayStore(database.sql, "1").archive(rows.map(({ id }) => id));
}

/** Every row of every table, as text. */
async function everything(): Promise<string> {
  const tables = await database.sql<{ name: string }[]>`
    SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`;
  const rows = await Promise.all(tables.map(({ name }) => database.sql`SELECT t::text FROM ${database.sql(name)} t`));
  return JSON.stringify(rows);
}

test("erasing clears the patient from appointments, waiting and archived events and kept answers, and from nobody else", async () => {
  const first = await book(marked, { "Idempotency-Key": randomUUID() });
  const { patientEmail: _, ...byPhone } = marked;
  const second = await book(marked);
  await book({ ...byPhone, patientEmail: "neighbour@example.org", patientName: "N", reference: "r", metadata: {} });
  await confirmAll();
  await api.send("PATCH", `/v1/appointments/${second.id}`, { patientName: `J. ${marker}` }, { "If-Match": "*" });
  await api.send("POST", "/v1/doctors/dr-lovelace/retire", undefined, { "Idempotency-Key": randomUUID() });
  expect(await everything()).toContain(marker);

  const report = await (await erase({ patientEmail: marked.patientEmail.toUpperCase() })).json();
  expect(report).toMatchObject({
    appointments: 2,
    waitingEvents: 1,
    archivedEvents: 2,
    storedAnswers: 2,
    announcedAppointments: 2,
  });
  const kept = await everything();
  expect(kept).not.toContain(marker);
  expect(kept).toContain("neighbour@example.org");
  const told = await database.sql`SELECT aggregate_id, body FROM outbox WHERE event_name = 'patient.erased'`;
  expect(told).toHaveLength(1);
  expect(told[0]?.["aggregate_id"]).toBe(report.id);
  const event = JSON.parse(told[0]?.["body"]);
  expect(event).toMatchObject({ aggregateId: report.id, aggregateVersion: 1, actor: "reception" });
  expect(event.payload).toEqual({ appointmentIds: [first.id, second.id].sort() });

  const view = await (await api.send("GET", `/v1/appointments/${first.id}`)).json();
  expect(view).toMatchObject({ status: "booked", version: 2, erasedAt: expect.any(String) });
});

test("erasing again finds nothing and tells nobody, and a repeated request gets the first report", async () => {
  await book(marked);
  const key = { "Idempotency-Key": randomUUID() };
  const first = await (await erase({ patientEmail: marked.patientEmail }, key)).json();
  const repeated = await erase({ patientEmail: marked.patientEmail }, key);
  expect(await repeated.json()).toEqual(first);
  const again = await (await erase({ patientEmail: marked.patientEmail })).json();
  expect(again).toMatchObject({ appointments: 0, announcedAppointments: 0 });
  expect(await database.sql`SELECT FROM outbox WHERE event_name = 'patient.erased'`).toHaveLength(1);
});

test("a visit of an erased patient is not moved, reached or reopened, and its status still changes", async () => {
  const { id } = await book(marked);
  await erase({ patientEmail: marked.patientEmail });
  for (const change of [{ durationMinutes: 45 }, { patientEmail: "new@example.org" }, { reference: "x" }]) {
    const refused = await api.send("PATCH", `/v1/appointments/${id}`, change, { "If-Match": "*" });
    expect(refused.status).toBe(409);
    expect((await refused.json()).type).toBe("/problems/patient-erased");
  }
  expect((await api.send("POST", `/v1/appointments/${id}/cancel`, {})).status).toBe(200);
});

test("an address that a visit had before is one of the patient's, and a number finds who has no address", async () => {
  const { id } = await book(marked);
  await confirmAll();
  await api.send("PATCH", `/v1/appointments/${id}`, { patientEmail: "later@example.org" }, { "If-Match": "*" });
  expect(await (await erase({ patientEmail: marked.patientEmail })).json()).toMatchObject({ appointments: 1 });
  expect(await everything()).not.toMatch(/later@example|marked-with/);

  await book({ patientEmail: undefined, patientPhone: marked.patientPhone });
  expect(await (await erase({ patientPhone: marked.patientPhone })).json()).toMatchObject({ appointments: 1 });
  expect(await everything()).not.toContain(marked.patientPhone);
});

test("what is erased in the archive is still an event of its version, with the contract's placeholders", async () => {
  await book(marked);
  const { id } = await book({ ...marked, patientEmail: undefined });
  await api.send("PATCH", `/v1/appointments/${id}`, { patientPhone: "+4930777999" }, { "If-Match": "*" });
  await confirmAll();
  await erase({ patientEmail: marked.patientEmail });
  await erase({ patientPhone: "+4930777999" });
  const { items } = await (await api.send("GET", "/ops/archive?type=appointment.created")).json();
  const payloads = items.map(({ body }: { body: string }) => JSON.parse(body).payload);
  expect(payloads).toEqual([
    expect.objectContaining({ patientEmail: erasedEmail, doctorId: "dr-lovelace" }),
    expect.objectContaining({ patientPhone: erasedPhone, doctorId: "dr-lovelace" }),
  ]);
  const changed = await (await api.send("GET", "/ops/archive?type=appointment.contact_changed")).json();
  expect(JSON.parse(changed.items[0].body).payload).toEqual({ patientEmail: erasedEmail });
});

test("the archive takes no other change than the erasure of a body, and that once", async () => {
  await book(marked);
  await confirmAll();
  const { sql } = database;
  const refused = /append-only/;
  await expect(sql`UPDATE outbox_archive SET body = '{}'`).rejects.toThrow(refused);
  await expect(sql`UPDATE outbox_archive SET erased_at = now(), event_name = 'x'`).rejects.toThrow(refused);
  await erase({ patientEmail: marked.patientEmail });
  await expect(sql`UPDATE outbox_archive SET erased_at = now() WHERE erased_at IS NOT NULL`).rejects.toThrow(refused);
});

test("more appointments than one event may name are told in several, one after the other", async () => {
  await database.sql`
    INSERT INTO appointments (id, version, status, doctor_id, starts_at, ends_at, time_zone, patient_email, overbooked,
      created_at, updated_at)
    SELECT gen_random_uuid(), 1, 'fulfilled', 'dr-lovelace', at, at + interval '30 minutes', 'UTC', 'many@example.org',
      false, at, at
    FROM (SELECT timestamptz '2020-01-01' + n * interval '1 hour' AS at FROM generate_series(1, 250) AS n) AS times`;
  const report = await (await erase({ patientEmail: "many@example.org" })).json();
  const rows = await database.sql<{ version: number; ids: number }[]>`
    SELECT aggregate_version AS version, jsonb_array_length(body::jsonb #> '{payload,appointmentIds}') AS ids
    FROM outbox WHERE aggregate_id = ${report.id} ORDER BY 1`;
  expect([...rows]).toEqual([{ version: 1, ids: 100 }, { version: 2, ids: 100 }, { version: 3, ids: 50 }]);
});

test("who may book may not erase or export, and a body that names nobody or both is refused without its values", async () => {
  for (const path of ["/v1/patients/erase", "/v1/patients/export"]) {
    const refused = await api.send("POST", path, { patientEmail: marked.patientEmail }, { "X-API-Key": otherKey });
    expect(refused.status).toBe(403);
    for (const body of [{}, { patientEmail: marked.patientEmail, patientPhone: marked.patientPhone }]) {
      const answer = await api.send("POST", path, body, { "X-API-Key": apiKey });
      expect(answer.status).toBe(400);
      expect(JSON.stringify(await answer.json())).not.toContain(marker);
    }
  }
});

test("an export has everything that an erasure clears, and nothing of others", async () => {
  const { id } = await book(marked, { "Idempotency-Key": randomUUID() });
  await book({ patientEmail: "neighbour@example.org" });
  await confirmAll();
  await api.send("POST", `/v1/appointments/${id}/cancel`, {});
  const exported = await (await api.send("POST", "/v1/patients/export", { patientEmail: marked.patientEmail })).json();
  expect(exported.appointments).toEqual([expect.objectContaining({ ...marked, status: "cancelled" })]);
  expect(exported.events.map((one: { event: { eventName: string } }) => one.event.eventName)).toEqual([
    "appointment.created",
    "appointment.cancelled",
  ]);
  expect(exported.storedAnswers).toHaveLength(1);
  expect(JSON.stringify(exported)).not.toContain("neighbour");
});
