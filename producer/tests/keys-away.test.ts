import { randomBytes } from "node:crypto";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keyMigrations } from "../src/postgres/migrate.ts";
import { booking, doctor } from "./api-under-test.ts";
import { eventually } from "./eventually.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createPrivateVhost, type PrivateVhost, type Subscriber } from "./private-vhost.ts";
import { type ProducerProcess, startProducer } from "./producer-process.ts";
import { createTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

let database: PrivateDatabase;
let keys: PrivateDatabase;
let vhost: PrivateVhost;
let proxy: TcpProxy;
let subscriber: Subscriber;
let producer: ProducerProcess;

beforeEach(async () => {
  [database, keys, vhost] = await Promise.all([
    createPrivateDatabase(),
    createPrivateDatabase(keyMigrations),
    createPrivateVhost(),
  ]);
  proxy = await createTcpProxy(keys.url);
  subscriber = await vhost.subscribe("#");
});

afterEach(async () => {
  await producer.kill("SIGKILL");
  await proxy.close();
  await Promise.all([database.drop(), keys.drop(), vhost.drop()]);
});

async function start(): Promise<void> {
  producer = await startProducer(database.url, vhost.url, {
    PATIENT_KEYS_URL: proxy.url,
    PATIENT_KEYS_SECRET: "a secret that is known to the tests",
    PATIENT_KEYS_MASTER: `2026-11:${randomBytes(32).toString("base64url")}`,
    DATABASE_POOL: "5",
  });
}

let day = 0;
const patientEmail = "marked-with-q7x@example.org";
const slot = () => new Date(Date.UTC(2030, 0, 1 + day++, 9)).toISOString();
const book = (headers = {}, appointmentDate = slot()) =>
  producer.send("POST", "/v1/appointments", { ...booking, patientEmail, appointmentDate }, headers);
const readiness = async () => await (await producer.send("GET", "/readyz")).json();
const delivered = (type: string) => subscriber.received.filter(({ properties }) => properties.type === type).length;

test("it starts without the keys, and serves all that needs none until they come", async () => {
  await start();
  const answer = await producer.send("GET", "/readyz");
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({
    status: "ready",
    database: "up",
    patientKeys: "down",
    reasons: { patientKeys: "ECONNREFUSED" },
  });
  expect(await (await producer.send("GET", "/metrics")).text()).toContain(
    'dependency_up{dependency="patientKeys"} 0',
  );
  expect((await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor)).status).toBe(201);
  await eventually(() => expect(delivered("doctor.updated")).toBe(1));
  expect((await book()).status).toBe(503);

  await proxy.open();
  await eventually(async () => expect((await book()).status).toBe(201));
  expect(await readiness()).toMatchObject({ status: "ready", patientKeys: "up", reasons: {} });
});

test("keys that only read are named, too: no patient gets a first one", async () => {
  await proxy.open();
  await keys.sql`ALTER ROLE CURRENT_USER IN DATABASE ${
    keys.sql(new URL(keys.url).pathname.slice(1))
  } SET default_transaction_read_only = on`;
  await start();
  expect(await readiness()).toMatchObject({ status: "ready", patientKeys: "read-only" });
  await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  expect((await book()).status).toBe(503);
  // It is not its own database that takes no writes.
  expect(await readiness()).toMatchObject({ database: "up" });
});

const waysToBeAway = {
  refused: { away: () => proxy.close(), back: () => proxy.open() },
  stalled: { away: () => proxy.stall(), back: () => proxy.resume() },
} as const;

test.for(["refused", "stalled"] as const)(
  "while the keys' connections are %s, bookings answer 503 and leave nothing, and neither reads nor cancellations wait",
  async (way) => {
    await proxy.open();
    await start();
    await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
    const visits: string[] = [];
    for (const answer of [await book(), await book()]) visits.push((await answer.json() as { id: string }).id);
    await waysToBeAway[way].away();
    // More than there are connections to its own database.
    const again = { "Idempotency-Key": "asked-until-it-is-taken" };
    const time = slot();
    const refused = Promise.all([book(again, time), ...Array.from({ length: 30 }, () => book())]);
    expect((await producer.send("GET", `/v1/appointments/${visits[0]}`)).status).toBe(200);
    expect((await refused).map(({ status }) => status)).toEqual(Array(31).fill(503));

    const asked = performance.now();
    const busy = Array.from({ length: 30 }, () => book());
    expect((await producer.send("POST", `/v1/appointments/${visits[0]}/cancel`, {})).status).toBe(200);
    const moved = { appointmentDate: slot() };
    expect((await producer.send("PATCH", `/v1/appointments/${visits[1]}`, moved, { "If-Match": "*" })).status).toBe(
      200,
    );
    expect(performance.now() - asked).toBeLessThan(5_000);
    expect((await Promise.all(busy)).every(({ status }) => status === 503)).toBe(true);
    expect(await readiness()).toMatchObject({ status: "ready", patientKeys: "down" });
    await eventually(() => expect(delivered("appointment.cancelled") + delivered("appointment.rescheduled")).toBe(2));
    expect(await database.sql`SELECT FROM appointments`).toHaveLength(2);

    await waysToBeAway[way].back();
    await eventually(async () => expect((await book(again, time)).status).toBe(201));
    await eventually(() => expect(delivered("appointment.created")).toBe(3));
    expect(subscriber.received.map(({ content }) => content.toString()).join("\n")).not.toContain(patientEmail);
    expect(JSON.stringify(await database.sql`SELECT body FROM outbox UNION ALL SELECT body FROM outbox_archive`)).not
      .toContain(patientEmail);
    expect(producer.output()).not.toContain(patientEmail);
  },
);

test(
  "a connection to the keys that is lost while a booking asks ends the booking, not its transaction's time",
  async () => {
    await proxy.open();
    await start();
    await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
    proxy.stall();
    const asking = book();
    await eventually(async () =>
      expect(
        await database
          .sql`SELECT FROM pg_stat_activity WHERE state = 'idle in transaction' AND datname = current_database()`,
      )
        .toHaveLength(1)
    );
    await proxy.close();
    expect((await asking).status).toBe(503);
    expect(await database.sql`SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted`).toHaveLength(0);
    const stuck = () =>
      database.sql`
      SELECT FROM pg_stat_activity
      WHERE datname = current_database() AND application_name = 'appointment-producer' AND state = 'idle in transaction'`;
    expect(await stuck()).toHaveLength(0);
  },
  15_000,
);
