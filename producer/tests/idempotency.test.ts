import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { deleteExpiredKeys } from "../src/postgres/idempotency-store.ts";
import { prune } from "../src/prune.ts";
import { type Api, booking, createApi, doctor, otherKey } from "./api-under-test.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let api: Api;
let now: Date;

beforeAll(async () => {
  database = await createPrivateDatabase();
  api = createApi(database.sql, { now: () => now });
});
afterAll(() => database.drop());

beforeEach(async () => {
  now = new Date();
  await database.sql`TRUNCATE appointments, doctors, outbox, idempotency_keys`;
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
});

const book = (change: object = {}, headers: Record<string, string> = {}) =>
  api.send("POST", "/v1/appointments", { ...booking, ...change }, { "Idempotency-Key": "key-1", ...headers });
const countAppointments = async () => (await database.sql`SELECT FROM appointments`).length;

test("the same key and request get the first answer again, byte for byte, and no second event", async () => {
  const first = await book();
  const repeated = await book();

  expect([first.status, repeated.status]).toEqual([201, 201]);
  expect(first.headers.get("Idempotency-Replayed")).toBeNull();
  expect(repeated.headers.get("Idempotency-Replayed")).toBe("true");
  for (const header of ["ETag", "Location"]) expect(repeated.headers.get(header)).toBe(first.headers.get(header));
  expect(await repeated.text()).toBe(await first.text());
  expect(await database.sql`SELECT FROM outbox`).toHaveLength(2);
});

test.each([
  ["PATCH", "", { durationMinutes: 45 }, { durationMinutes: 60 }, []],
  ["PATCH", "", { locale: "fr" }, { locale: "de" }, []],
  ["POST", "/cancel", { cancelledBy: "patient" }, { cancelledBy: "doctor" }, []],
  ["POST", "/arrive", {}, undefined, []],
  ["POST", "/complete", {}, undefined, ["/arrive"]],
  ["POST", "/no-show", {}, undefined, []],
  ["POST", "/reopen", {}, undefined, ["/no-show"]],
])(
  "%s %s %j under a key happens once, though its If-Match is stale by then",
  async (method, path, body, other, steps) => {
    const address = (await book({}, { "Idempotency-Key": "key-0" })).headers.get("Location");
    if (["/arrive", "/complete", "/no-show", "/reopen"].includes(path)) now = new Date(booking.appointmentDate);
    for (const step of steps) await api.send("POST", `${address}${step}`);
    const version = steps.length + 1;
    const headers = { "Idempotency-Key": "key-1", "If-Match": `"${version}"` };
    const write = async (content: object) => await api.send(method, `${address}${path}`, content, headers);

    const first = await write(body);
    const repeated = await write(body);
    expect([first.status, repeated.status]).toEqual([200, 200]);
    expect(first.headers.get("Idempotency-Replayed")).toBeNull();
    expect(repeated.headers.get("Idempotency-Replayed")).toBe("true");
    expect(repeated.headers.get("ETag")).toBe(`"${version + 1}"`);
    expect(await repeated.text()).toBe(await first.text());
    // The doctor, the booking, what came before, and this.
    expect(await database.sql`SELECT FROM outbox`).toHaveLength(3 + steps.length);

    if (other) expect((await write(other)).status).toBe(422);
    const elsewhere = await api.send("POST", `${address}${path === "/cancel" ? "/arrive" : "/cancel"}`, {}, headers);
    expect(elsewhere.status).toBe(422);
  },
);

test("the order of the members and quotes around the key make no difference", async () => {
  await book();
  const reversed = Object.fromEntries(Object.entries(booking).reverse());
  const repeated = await api.send("POST", "/v1/appointments", reversed, { "Idempotency-Key": `"key-1"` });
  expect(repeated.headers.get("Idempotency-Replayed")).toBe("true");
});

test("the same key with another request is refused", async () => {
  await book();
  const other = await book({ durationMinutes: 45 });
  expect(other.status).toBe(422);
  expect(await other.json()).toMatchObject({ type: "/problems/idempotency-key-reused" });
  const otherRoute = await api.send("PUT", "/v1/doctors/dr-x", doctor, { "Idempotency-Key": "key-1" });
  expect(otherRoute.status).toBe(422);
});

test("a key belongs to its caller", async () => {
  await book();
  const response = await book({ appointmentDate: "2030-07-02T10:00:00+02:00" }, { "X-API-Key": otherKey });
  expect(response.status).toBe(201);
});

test("only success is kept: after a refusal the key is free", async () => {
  expect((await book({ doctorId: "nobody" })).status).toBe(400);
  expect((await book()).status).toBe(201);
});

test("concurrent requests with one key make one appointment; who comes meanwhile is told to come again", async () => {
  const responses = await Promise.all(Array.from({ length: 20 }, () => book()));
  expect(await countAppointments()).toBe(1);
  const created = responses.filter(({ status }) => status === 201);
  expect(created.filter(({ headers }) => headers.get("Idempotency-Replayed") === null)).toHaveLength(1);
  for (const response of responses.filter(({ status }) => status !== 201)) {
    expect(response.status).toBe(409);
    expect(response.headers.get("Retry-After")).toBe("1");
    expect(await response.json()).toMatchObject({ type: "/problems/idempotency-key-in-use" });
  }
});

test("while the first request runs a second does not wait", async () => {
  let release = () => {};
  const held = new Promise<void>((resolve) => release = resolve);
  const holder = database.sql.begin(async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(hashtextextended(${"key:reception\nkey-1"}, 0))`;
    const response = await book();
    expect(response.status).toBe(409);
    await held;
  });
  release();
  await holder;
  expect((await book()).status).toBe(201);
});

test("after 24 hours the key is free, and the job deletes it", async () => {
  await book();
  await database.sql`UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second'`;
  expect((await book({ appointmentDate: "2030-07-02T10:00:00+02:00" })).status).toBe(201);

  await database.sql`UPDATE idempotency_keys SET created_at = now() - interval '24 hours 1 second'`;
  expect(await prune(database.sql, { now: new Date(), archiveDays: 400 })).toMatchObject({
    events: 0,
    keys: 1,
    times: 0,
  });
  expect(await database.sql`SELECT FROM idempotency_keys`).toHaveLength(0);
});

test("however many keys have expired, they are deleted in small batches, and the others stay", async () => {
  await database.sql`INSERT INTO idempotency_keys (caller, key, fingerprint, status, headers, body, created_at)
    SELECT 'key:reception', n::text, '', 200, '{}', '', now() - interval '25 hours' FROM generate_series(1, 2500) n`;
  await book();
  expect(await deleteExpiredKeys(database.sql, 100)).toBe(100);
  expect(await prune(database.sql, { now: new Date(), archiveDays: 400 })).toMatchObject({
    events: 0,
    keys: 2400,
    times: 0,
  });
  expect((await database.sql`SELECT key FROM idempotency_keys`).map((row) => row["key"])).toEqual(["key-1"]);
});

test.each(["", " ", "two words", "x".repeat(256)])("the key %j is refused", async (key) => {
  const response = await book({}, { "Idempotency-Key": key });
  expect(response.status).toBe(400);
  expect((await response.json()).errors).toEqual([
    expect.objectContaining({ in: "header", pointer: "#/Idempotency-Key" }),
  ]);
});
