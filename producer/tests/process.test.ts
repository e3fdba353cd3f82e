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
let subscriber: Subscriber;
let started: ProducerProcess[];

beforeEach(async () => {
  [database, vhost] = await Promise.all([createPrivateDatabase(), createPrivateVhost()]);
  broker = await createTcpProxy(vhost.url);
  subscriber = await vhost.subscribe("#");
  started = [];
});

afterEach(async () => {
  await Promise.all(started.map((producer) => producer.kill("SIGKILL")));
  await broker.close();
  await Promise.all([database.drop(), vhost.drop()]);
});

async function start(env: Record<string, string> = {}): Promise<ProducerProcess> {
  const producer = await startProducer(database.url, broker.url, env);
  started.push(producer);
  return producer;
}

const delivered = () => subscriber.received.map((message) => message.properties.type);

test("with the broker down a booking answers 201 at once, and its event goes out when the broker is back", async () => {
  const producer = await start();
  await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  const before = performance.now();
  expect((await producer.send("POST", "/v1/appointments", booking)).status).toBe(201);
  expect(performance.now() - before).toBeLessThan(4_000);
  expect(await (await producer.send("GET", "/readyz")).json()).toMatchObject({ status: "ready", broker: "down" });

  await broker.open();
  await eventually(() => expect(delivered()).toEqual(["doctor.updated", "appointment.created"]));
  expect(await (await producer.send("GET", "/readyz")).json()).toMatchObject({ broker: "up" });
});

test("what a killed process had committed and not published, the next one publishes", async () => {
  const killed = await start();
  await killed.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  expect((await killed.send("POST", "/v1/appointments", booking)).status).toBe(201);
  await killed.kill("SIGKILL");

  await broker.open();
  await start();
  await eventually(() => expect(delivered()).toEqual(["doctor.updated", "appointment.created"]));
});

test("a connection that goes silent is given up after the confirm timeout, and the event goes out on the next", async () => {
  await broker.open();
  const producer = await start({ RELAY_CONFIRM_TIMEOUT_MS: "500" });
  await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  await eventually(() => expect(delivered()).toContain("doctor.updated"));
  // Confirmed, too: otherwise this event is the one that is given up.
  await eventually(async () => expect(await database.sql`SELECT FROM outbox`).toHaveLength(0));

  broker.stall();
  expect((await producer.send("POST", "/v1/appointments", booking)).status).toBe(201);
  await eventually(() => expect(producer.output()).toContain("renewing the connection to RabbitMQ"));
  await eventually(async () => {
    const [waiting] = await database.sql`SELECT attempts, last_error FROM outbox`;
    expect(waiting).toEqual({ attempts: expect.any(Number), last_error: "timeout: no confirm within 500 ms" });
  });
  await broker.close();
  broker.resume();
  await broker.open();
  await eventually(() => expect(delivered()).toContain("appointment.created"));
});

test("of two processes one publishes, and when it is killed the other goes on", async () => {
  await broker.open();
  const both = [await start(), await start()];
  const isLeader = (producer: ProducerProcess) => producer.output().includes("relay lease taken");
  await eventually(() => expect(both.filter(isLeader)).toHaveLength(1));
  const follower = both.find((producer) => !isLeader(producer)) as ProducerProcess;

  await follower.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  await eventually(() => expect(delivered()).toEqual(["doctor.updated"]));
  await eventually(async () => expect(await database.sql`SELECT FROM outbox`).toHaveLength(0));
  await both.find(isLeader)?.kill("SIGKILL");
  expect((await follower.send("POST", "/v1/appointments", booking)).status).toBe(201);
  // Each at least once: on a slow machine an event whose confirm was not seen in time comes again.
  await eventually(() => expect([...new Set(delivered())]).toEqual(["doctor.updated", "appointment.created"]));
});

test("SIGTERM lets it finish and ends it with 0", async () => {
  await broker.open();
  const producer = await start();
  expect(await producer.kill("SIGTERM")).toBe(0);
  expect(producer.logs().at(-1)).toMatchObject({ msg: "stopped" });
});

test("the logs follow a request to its published event by their ids, and hold no personal data", async () => {
  await broker.open();
  const producer = await start();
  await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  const named = { ...booking, patientName: "Augusta King", reference: "case-2030-117", metadata: { desk: "left" } };
  const response = await producer.send("POST", "/v1/appointments", named);
  await producer.send("POST", "/v1/appointments", named);
  await producer.send("POST", "/v1/appointments", { ...named, patientPhone: "0049" });
  await eventually(() => expect(delivered()).toHaveLength(2));

  const correlationId = response.headers.get("X-Request-Id");
  const { messageId: eventId, type: eventName } = subscriber.received[1]?.properties ?? {};
  const request = { msg: "request", correlationId, eventId, status: 201 };
  const published = { level: "info", msg: "event published", correlationId, eventId, eventName };
  for (const line of [request, published]) {
    await eventually(() => expect(producer.logs()).toContainEqual(expect.objectContaining(line)));
  }
  await eventually(() => {
    const refused = producer.logs().filter(({ msg, status }) => msg === "request" && Number(status) >= 400);
    expect(refused.map((line) => "eventId" in line)).toEqual([false, false]);
  });
  expect(producer.output()).not.toMatch(/ada@example|lovelace@clinic|0049|Augusta|case-2030|left/);
});

test("a read of somebody's data is logged with what was read, by whom and from where", async () => {
  const producer = await start({ TRUSTED_PROXIES: "127.0.0.0/8" });
  await producer.send("PUT", "/v1/doctors/dr-lovelace", doctor);
  const booked = await producer.send("POST", "/v1/appointments", booking);
  const { id } = await booked.json() as { id: string };
  const { headers } = await producer.send("GET", `/v1/appointments/${id}`, undefined, {
    "X-Forwarded-For": "203.0.113.9, 198.51.100.7",
  });
  const read = { method: "GET", route: "/v1/appointments/{id}", resource: id, clientAddress: "198.51.100.7" };
  const line = { msg: "request", correlationId: headers.get("X-Request-Id"), caller: expect.any(String), ...read };
  await eventually(() => expect(producer.logs()).toContainEqual(expect.objectContaining(line)));

  const erased = await producer.send("POST", "/v1/patients/erase", { patientEmail: booking.patientEmail });
  const { id: erasure } = await erased.json() as { id: string };
  const said = { msg: "request", caller: line.caller, route: "/v1/patients/erase", resource: erasure };
  await eventually(() => expect(producer.logs()).toContainEqual(expect.objectContaining(said)));
  expect(producer.output()).not.toContain(booking.patientEmail);
});

test("a wrong configuration prints every wrong variable and exits with 1", async () => {
  const { child, output } = spawnProducer({ DATABASE_URL: "mysql://x", PORT: "banana" });
  const [exitCode] = await once(child, "exit");
  expect(exitCode).toBe(1);
  for (const variable of ["DATABASE_URL", "PORT", "AMQP_URL"]) expect(output()).toContain(variable);
});
