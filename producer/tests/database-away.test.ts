import { afterEach, beforeEach, expect, test } from "vitest";
import { booking, doctor } from "./api-under-test.ts";
import { eventually } from "./eventually.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createPrivateVhost, type PrivateVhost, type Subscriber } from "./private-vhost.ts";
import { type ProducerProcess, startProducer } from "./producer-process.ts";
import { createTcpProxy, type TcpProxy } from "./tcp-proxy.ts";

let database: PrivateDatabase;
let vhost: PrivateVhost;
let broker: TcpProxy;
let proxy: TcpProxy;
let subscriber: Subscriber;
let started: ProducerProcess[];

beforeEach(async () => {
  [database, vhost] = await Promise.all([createPrivateDatabase(), createPrivateVhost()]);
  broker = await createTcpProxy(vhost.url);
  proxy = await createTcpProxy(database.url);
  subscriber = await vhost.subscribe("#");
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map((producer) => producer.kill("SIGKILL")));
  await Promise.all([broker.close(), proxy.close()]);
  await Promise.all([database.drop(), vhost.drop()]);
});

async function start(until: "listening" | "starting" = "listening"): Promise<ProducerProcess> {
  const producer = await startProducer(proxy.url, broker.url, {}, until);
  started.push(producer);
  return producer;
}

const delivered = () => subscriber.received.map((message) => message.properties.type);

test("it waits for PostgreSQL, and says so to whoever asks", async () => {
  const producer = await start("starting");
  await eventually(() => expect(producer.output()).toContain("waiting for PostgreSQL"));
  expect((await producer.send("GET", "/livez")).status).toBe(200);
  const readiness = await producer.send("GET", "/readyz");
  expect(readiness.status).toBe(503);
  expect(await readiness.json()).toEqual({
    status: "unavailable",
    database: "down",
    broker: "down",
    topology: "up",
    reasons: { database: "ECONNREFUSED", broker: expect.any(String) },
  });
  const refused = await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("Retry-After")).toBe("1");
  expect(await refused.json()).toMatchObject({ type: "/problems/unavailable" });

  await proxy.open();
  await eventually(async () => expect((await producer.send("GET", "/readyz")).status).toBe(200));
  expect((await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor)).status).toBe(201);
  expect(producer.logs().map(({ msg }) => msg)).toContain("listening");
});

test("it takes no request before the database is up to date", async () => {
  await database.sql`DROP SCHEMA public CASCADE`;
  await database.sql`CREATE SCHEMA public`;
  await proxy.open();
  let release = () => {};
  const held = new Promise<void>((resolve) => release = resolve);
  const holder = database.sql.begin(async (tx) => {
    await tx`SELECT pg_advisory_xact_lock(7203001)`;
    await held;
  });
  const producer = await start("starting");
  const states = [await producer.send("GET", "/readyz"), await producer.send("GET", "/v1/doctors")];
  release();
  await holder;
  expect(states.map(({ status }) => status)).toEqual([503, 503]);
  await eventually(async () => expect((await producer.send("GET", "/v1/doctors")).status).toBe(200));
  expect(producer.logs().filter(({ level }) => level === "error")).toEqual([]);
});

test("SIGTERM ends it also while it waits for PostgreSQL", async () => {
  const producer = await start("starting");
  await eventually(() => expect(producer.output()).toContain("waiting for PostgreSQL"));
  await producer.kill("SIGTERM");
  expect(producer.logs()).toContainEqual(expect.objectContaining({ msg: "stopped" }));
});

test("while PostgreSQL is away requests are answered with 503, and it finds back by itself", async () => {
  await proxy.open();
  const producer = await start();
  await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);

  await proxy.close();
  const refused = await producer.send("POST", "/v1/appointments", booking);
  expect(refused.status).toBe(503);
  expect(refused.headers.get("Retry-After")).toBe("1");
  expect((await producer.send("GET", "/readyz")).status).toBe(503);
  expect((await producer.send("GET", "/livez")).status).toBe(200);

  await proxy.open();
  await broker.open();
  await eventually(async () => expect((await producer.send("POST", "/v1/appointments", booking)).status).toBe(201));
  await eventually(() => expect(delivered()).toEqual(["doctor.updated", "appointment.created"]));
});

test("while PostgreSQL is away the counters can be scraped, without those of the outbox, and it says so", async () => {
  await proxy.open();
  const producer = await start();
  await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  const scrape = async () => {
    const response = await producer.send("GET", "/metrics");
    expect(response.status).toBe(200);
    return await response.text();
  };
  expect(await scrape()).toMatch(/^outbox_pending 1$/m);

  await proxy.close();
  const without = await scrape();
  expect(without).toContain(`http_request_seconds_count{method="PUT",route="/v1/doctors/{id}",status="201"} 1`);
  expect(without).toContain(`metrics_collection_failed{source="postgresql"} 1`);
  expect(without).not.toMatch(/^outbox_/m);

  await proxy.open();
  await eventually(async () => expect(await scrape()).toMatch(/^outbox_pending 1$/m));
  expect(await scrape()).toContain(`metrics_collection_failed{source="postgresql"} 0`);
});
