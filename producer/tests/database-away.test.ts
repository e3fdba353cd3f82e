import { once } from "node:events";
import { afterEach, beforeEach, expect, test } from "vitest";
import { booking, doctor } from "./api-under-test.ts";
import { eventually } from "./eventually.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createPrivateVhost, type PrivateVhost, type Subscriber } from "./private-vhost.ts";
import { type ProducerProcess, spawnProducer, startProducer } from "./producer-process.ts";
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

async function start(): Promise<ProducerProcess> {
  const producer = await startProducer(proxy.url, broker.url);
  started.push(producer);
  return producer;
}

const delivered = () => subscriber.received.map((message) => message.properties.type);

test("it waits for PostgreSQL", async () => {
  const { child, output } = spawnProducer({ DATABASE_URL: proxy.url, AMQP_URL: broker.url });
  await eventually(() => expect(output()).toContain("waiting for PostgreSQL"));
  await proxy.open();
  await eventually(() => expect(output()).toContain(`"msg":"listening"`));
  child.kill("SIGKILL");
  await once(child, "exit");
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
