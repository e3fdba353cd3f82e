import { afterEach, beforeEach, expect, test } from "vitest";
import { connectDatabase } from "../src/postgres/database.ts";
import { type Api, booking, createApi, doctor } from "./api-under-test.ts";
import { eventually } from "./eventually.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createPrivateVhost, type PrivateVhost } from "./private-vhost.ts";
import { type RunningRelay, startRelay } from "./relay-under-test.ts";

let database: PrivateDatabase;
let vhost: PrivateVhost;
let api: Api;
let relays: RunningRelay[];

beforeEach(async () => {
  [database, vhost] = await Promise.all([createPrivateDatabase(), createPrivateVhost()]);
  relays = [];
  api = createApi(database.sql);
});
afterEach(async () => {
  await Promise.all(relays.map((relay) => relay.stop()));
  await Promise.all([database.drop(), vhost.drop()]);
});

function relay(): RunningRelay {
  const running = startRelay(database.url, vhost.url);
  relays.push(running);
  return running;
}

/** As a provider does on a full disk, and as a standby is: every session that begins from now on only reads. */
async function setReadOnly(to: boolean): Promise<void> {
  const admin = connectDatabase(database.url, { max: 1 });
  const [row] = await admin<{ name: string }[]>`SELECT current_database() AS name`;
  await admin.begin("read write", async (tx) => {
    await tx`ALTER DATABASE ${tx(row!.name)} SET default_transaction_read_only = ${tx.unsafe(to ? "on" : "off")}`;
  });
  await admin`
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()`;
  await admin.end();
  // What was sent on a connection that died by then fails as a lost connection.
  await eventually(async () => {
    const rows = await database.sql`SHOW default_transaction_read_only`;
    expect(rows[0]?.["default_transaction_read_only"]).toBe(to ? "on" : "off");
  });
}

const putDoctor = (n: number) => api.send("PUT", `/v1/doctors/dr-${n}`, doctor);
const pending = async () => (await database.sql`SELECT FROM outbox`).count;

test("writes are told to come again, reads are served, and readiness says why", async () => {
  await api.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  const booked = await (await api.send("POST", "/v1/appointments", booking)).json();
  await setReadOnly(true);

  const { paths } = await (await api.request("/openapi.json")).json();
  const one = `/v1/appointments/${booked.id}`;
  const writes = Object.entries(paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).filter((method) => method !== "get").map((method) => ({ method: method.toUpperCase(), path }))
  );
  expect(writes.length).toBeGreaterThan(4);
  const bodies: Record<string, unknown> = {
    "PUT /v1/doctors/{id}": { ...doctor, name: "Dr. Augusta Ada King" },
    "POST /v1/appointments": { ...booking, appointmentDate: "2030-07-02T10:00:00+02:00" },
    "PATCH /v1/appointments/{id}": { appointmentDate: "2030-07-03T10:00:00+02:00" },
    "POST /v1/appointments/{id}/cancel": {},
  };
  for (const [name, body] of Object.entries(bodies)) {
    const [method, path] = name.split(" ") as [string, string];
    expect(writes).toContainEqual({ method, path });
    const address = path.replace("/v1/appointments/{id}", one).replace("{id}", "dr-lovelace");
    const answer = await api.send(method, address, body, { "If-Match": '"1"' });
    expect([name, answer.status, answer.headers.get("Retry-After")]).toEqual([name, 503, "1"]);
    const keyed = await api.send(method, address, body, {
      "If-Match": '"1"',
      "Idempotency-Key": `key-${Object.keys(bodies).indexOf(name)}`,
    });
    expect([name, keyed.status]).toEqual([name, 503]);
  }
  for (const path of [one, "/v1/appointments", "/v1/doctors", "/v1/doctors/dr-lovelace"]) {
    expect([path, (await api.send("GET", path)).status]).toEqual([path, 200]);
  }
  const readiness = await api.request("/readyz");
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toMatchObject({
    status: "unavailable",
    database: "read-only",
    reasons: { database: "its transactions are read-only" },
  });

  await setReadOnly(false);
  expect((await api.request("/readyz")).status).toBe(200);
  const moved = await api.send("PATCH", one, { appointmentDate: "2030-07-03T10:00:00+02:00" }, { "If-Match": '"1"' });
  expect(moved.status).toBe(200);
});

test("a relay that starts on it publishes nothing, and everything once it may write", async () => {
  const { received } = await vhost.subscribe("#");
  for (let n = 0; n < 20; n++) await putDoctor(n);
  await setReadOnly(true);
  const running = relay();
  await eventually(() => expect(running.failures()).toBeGreaterThan(2));
  expect(received).toHaveLength(0);

  await setReadOnly(false);
  await eventually(async () => expect(await pending()).toBe(0));
  await eventually(() => expect(received).toHaveLength(20));
});

test("what was published when it began is not published again before it is recorded", async () => {
  const { received } = await vhost.subscribe("#");
  const running = relay();
  await putDoctor(0);
  await eventually(async () => expect(await pending()).toBe(0));
  // Committed with the last transaction that may write; the relay learns of them when nothing can be recorded.
  await database.sql.unsafe(`
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM set_config('transaction_read_only', 'on', true); RETURN OLD; END $$;
    CREATE TRIGGER refuse BEFORE DELETE ON outbox FOR EACH ROW EXECUTE FUNCTION refuse()`);
  for (let n = 1; n <= 30; n++) await putDoctor(n);
  await eventually(() => expect(received.length).toBeGreaterThan(1));
  await eventually(() => expect(running.failures()).toBeGreaterThan(3));
  const before = received.length;
  const failures = running.failures();
  await eventually(() => expect(running.failures()).toBeGreaterThan(failures + 1));
  expect(received).toHaveLength(before);

  await database.sql`DROP TRIGGER refuse ON outbox`;
  await eventually(async () => expect(await pending()).toBe(0));
  expect(received).toHaveLength(31);
});

test("sessions that began while it was read-only are left when it may write again, also those in use", async () => {
  const { name } = (await database.sql<{ name: string }[]>`SELECT current_database() AS name`)[0]!;
  await setReadOnly(true);
  const sql = connectDatabase(database.url, { max: 2 });
  let stop = false;
  const use = async () => {
    while (!stop) await sql`SELECT 1`.catch(() => {});
  };
  const users = [use(), use()];
  await expect(sql`CREATE TABLE written ()`).rejects.toMatchObject({ code: "25006" });
  // From a session that is to stay, like those of the pool.
  await database.sql.begin("read write", async (tx) => {
    await tx`ALTER DATABASE ${tx(name)} SET default_transaction_read_only = off`;
  });
  await expect(sql`CREATE TABLE written ()`).rejects.toMatchObject({ code: "25006" });
  await eventually(() => sql`CREATE TABLE written ()`);
  stop = true;
  await Promise.all(users);
  await sql.end({ timeout: 5 });
});
