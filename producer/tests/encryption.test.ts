import { randomBytes } from "node:crypto";
import { compactDecrypt, decodeProtectedHeader } from "jose";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { createRelayStore } from "../src/outbox/outbox-store.ts";
import { createKeyStore } from "../src/patient-keys/key-store.ts";
import { createMasterKeys, type MasterKey } from "../src/patient-keys/master-keys.ts";
import { keyMigrations } from "../src/postgres/migrate.ts";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

const master = (id: string): MasterKey => ({ id, key: randomBytes(32) });
const spelled = ({ id, key }: MasterKey) => `${id}:${Buffer.from(key).toString("base64url")}`;
const older = master("2026-05");
const newer = master("2026-11");

let database: PrivateDatabase;
let keyDatabase: PrivateDatabase;
let api: Api;
let day = 0;

function startApi(...masters: MasterKey[]): Api {
  return createApi(database.sql, {
    now: () => new Date("2029-12-01T00:00:00Z"),
    settings: {
      PATIENT_KEYS_URL: keyDatabase.url,
      PATIENT_KEYS_SECRET: "a secret that is known to the tests",
      PATIENT_KEYS_MASTER: masters.map(spelled).join(","),
    },
  });
}

beforeAll(async () => {
  [database, keyDatabase] = await Promise.all([createPrivateDatabase(), createPrivateDatabase(keyMigrations)]);
});
beforeEach(async () => {
  await database.sql`
    TRUNCATE outbox, outbox_archive, encrypted_events, appointments, doctors, idempotency_keys, taken_times`;
  await keyDatabase.sql`TRUNCATE patient_keys`;
  api = startApi(older);
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});
afterAll(() => Promise.all([database.drop(), keyDatabase.drop()]));

const marker = "marked-with-q7x";
const marked = {
  patientEmail: `${marker}@example.org`,
  patientPhone: "+4930777123456",
  patientName: `Jane ${marker}`,
  locale: "de",
};

async function book(fields: object, by = api) {
  const appointmentDate = new Date(Date.UTC(2030, 0, 1 + day++, 9)).toISOString();
  const response = await by.send("POST", "/v1/appointments", { ...booking, appointmentDate, ...fields });
  expect(response.status).toBe(201);
  return await response.json();
}

const change = (id: string, fields: object) => api.send("PATCH", `/v1/appointments/${id}`, fields, { "If-Match": "*" });

// deno-lint-ignore no-explicit-any
async function events(name: string): Promise<any[]> {
  const rows = await database.sql<{ body: string }[]>`
    SELECT body FROM (SELECT id, event_name, body FROM outbox UNION ALL SELECT position, event_name, body FROM outbox_archive)
      AS events WHERE event_name = ${name} ORDER BY id`;
  return rows.map(({ body }) => JSON.parse(body));
}

async function confirmAll(): Promise<void> {
  await database.sql`UPDATE relay_lease SET term = 1`;
  const rows = await database.sql<{ id: string }[]>`SELECT id FROM outbox`;
  await createRelayStore(database.sql, "1").archive(rows.map(({ id }) => id));
}

async function open(personalData: string, ...masters: [MasterKey, ...MasterKey[]]) {
  const kid = String(decodeProtectedHeader(personalData).kid);
  const keys = await createKeyStore(keyDatabase.sql, createMasterKeys(masters)).findKeys([kid]);
  const { plaintext } = await compactDecrypt(personalData, keys.get(kid)!);
  return JSON.parse(new TextDecoder().decode(plaintext));
}

async function everythingOf({ sql }: PrivateDatabase, ...without: string[]): Promise<string> {
  const tables = await sql<{ name: string }[]>`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'`;
  const rows = tables.filter(({ name }) => !without.includes(name)).map(({ name }) =>
    sql`SELECT t::text FROM ${sql(name)} t`
  );
  return JSON.stringify(await Promise.all(rows));
}

test("with keys, what identifies the patient is in one JWE, bound to its event, and the rest is plain", async () => {
  const { id } = await book(marked);
  const [event] = await events("appointment.created");
  const { personalData, ...rest } = event.payload;
  expect(event.version).toBe(3);
  expect(rest).toMatchObject({ doctorId: "dr-lovelace", locale: "de", durationMinutes: 30 });
  expect(Object.keys(rest).filter((name) => name.startsWith("patient"))).toEqual([]);
  expect(decodeProtectedHeader(personalData)).toEqual({
    alg: "dir",
    enc: "A256GCM",
    kid: expect.stringMatching(/^[0-9a-f-]{36}$/),
    eventId: event.eventId,
    eventName: "appointment.created",
    aggregateId: id,
  });
  const { patientEmail, patientPhone, patientName } = marked;
  expect(await open(personalData, older)).toEqual({ patientEmail, patientPhone, patientName });
  const [row] = await database.sql`SELECT headers FROM outbox WHERE event_name = 'appointment.created'`;
  expect(row?.["headers"]["x-event-version"]).toBe(3);
});

test("neither outbox nor archive nor the keys' database holds an address, a number or a name", async () => {
  const { id } = await book(marked);
  await change(id, { patientName: `J. ${marker}` });
  await confirmAll();
  await change(id, { patientPhone: "+4930777123457" });
  const messages = await everythingOf(database, "appointments", "idempotency_keys") + await everythingOf(keyDatabase);
  expect(messages).not.toContain(marker);
  expect(messages).not.toContain("4930777");
});

test("a patient has one key, whatever capitals the address has and whichever field changes, and another patient another", async () => {
  const first = await book(marked);
  await book({ ...marked, patientEmail: marked.patientEmail.toUpperCase() });
  await change(first.id, { patientPhone: "+4930777123457" });
  await book({ patientEmail: "neighbour@example.org", patientPhone: marked.patientPhone });
  const all = [...await events("appointment.created"), ...await events("appointment.contact_changed")];
  const kids = all.map(({ payload }) => decodeProtectedHeader(payload.personalData).kid);
  expect(kids).toHaveLength(4);
  expect(new Set([kids[0], kids[1], kids[3]]).size).toBe(1);
  expect(kids[2]).not.toBe(kids[0]);
  expect(await keyDatabase.sql`SELECT FROM patient_keys`).toHaveLength(2);
});

test("a change that says nothing of the patient is told in the plain form", async () => {
  const { id } = await book(marked);
  await change(id, { locale: "fr" });
  expect((await events("appointment.contact_changed"))[0]).toMatchObject({ version: 1, payload: { locale: "fr" } });
});

test("without keys an event is what it was before, in every byte but its ids and times", async () => {
  const plain = createApi(database.sql, { now: () => new Date("2029-12-01T00:00:00Z") });
  await book(marked, plain);
  const [row] = await database.sql<
    { body: string }[]
  >`SELECT body FROM outbox WHERE event_name = 'appointment.created'`;
  const { patientEmail, patientPhone, patientName } = marked;
  expect(row?.body).toMatch(
    new RegExp(
      `^{"eventName":"appointment.created","aggregateId":"[^"]+","timestamp":"[^"]+","version":1,"eventId":"[^"]+",` +
        `"aggregateVersion":1,"correlationId":"[^"]+","actor":"reception","payload":{"patientEmail":"${patientEmail}",` +
        `"doctorId":"dr-lovelace","appointmentDate":"[^"]+","durationMinutes":30,"timeZone":"Europe/Berlin",` +
        `"patientPhone":"\\${patientPhone}","patientName":"${patientName}","locale":"de"}}$`,
    ),
  );
});

test("a booking is refused, not told in the clear, while the keys are away", async () => {
  const away = createApi(database.sql, {
    settings: {
      PATIENT_KEYS_URL: "postgres://127.0.0.1:9/keys",
      PATIENT_KEYS_SECRET: "a secret that is known to the tests",
      PATIENT_KEYS_MASTER: spelled(older),
    },
  });
  const appointmentDate = new Date(Date.UTC(2030, 0, 1 + day++, 9)).toISOString();
  const response = await away.send("POST", "/v1/appointments", { ...booking, appointmentDate });
  expect(response.status).toBe(503);
  expect(await events("appointment.created")).toEqual([]);
});

test("the master key is changed without a stop: old keys open, new ones are wrapped anew, and the former can go", async () => {
  await book(marked);
  api = startApi(newer, older);
  await book(marked);
  await book({ patientEmail: "neighbour@example.org" });
  const store = createKeyStore(keyDatabase.sql, createMasterKeys([newer, older]));
  expect((await store.count()).byMaster).toEqual(new Map([["2026-05", 1], ["2026-11", 1]]));
  expect(await store.rewrap(500)).toBe(1);
  expect(await store.rewrap(500)).toBe(0);
  expect((await store.count()).byMaster).toEqual(new Map([["2026-11", 2]]));
  const [first] = await events("appointment.created");
  expect(await open(first.payload.personalData, newer)).toMatchObject({ patientEmail: marked.patientEmail });
});

test("erasing destroys the key, empties what was encrypted, and finds an address that was there before", async () => {
  const { id } = await book(marked);
  await confirmAll();
  await change(id, { patientEmail: "later@example.org" });
  const other = await book({ patientEmail: "later@example.org" });
  const [before] = await events("appointment.created");
  const erased = await api.send("POST", "/v1/patients/erase", { patientEmail: marked.patientEmail });
  expect(await erased.json()).toMatchObject({
    appointments: 1,
    waitingEvents: 1,
    archivedEvents: 1,
    destroyedKeys: 1,
    announcedAppointments: 1,
  });
  await expect(open(before.payload.personalData, older)).rejects.toThrow();
  const [created, neighbours] = await events("appointment.created");
  expect(created).toMatchObject({ version: 3, payload: { personalData: "erased", doctorId: "dr-lovelace" } });
  expect((await events("appointment.contact_changed"))[0].payload).toEqual({ personalData: "erased" });
  // The address that the visit got later is somebody else's, too, who has a visit: that key stays.
  expect(neighbours.aggregateId).toBe(other.id);
  expect(await open(neighbours.payload.personalData, older)).toEqual({ patientEmail: "later@example.org" });
  await book(marked);
  expect(await keyDatabase.sql`SELECT FROM patient_keys WHERE wrapped IS NOT NULL`).toHaveLength(2);
});

test("the export says openly what is kept encrypted", async () => {
  const { id } = await book(marked);
  await confirmAll();
  const exported = await (await api.send("POST", "/v1/patients/export", { patientPhone: marked.patientPhone })).json();
  expect(exported.events[0].event).toMatchObject({ aggregateId: id, payload: { patientName: marked.patientName } });
});
