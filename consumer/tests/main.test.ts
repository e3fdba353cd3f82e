import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { queues } from "../src/generated/topology.ts";
import { type ConsumerProcess, startProcess } from "./support/consumer-process.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "./support/delivery-harness.ts";

let harness: DeliveryHarness;
const started: ConsumerProcess[] = [];

beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
});
afterEach(() => started.splice(0).forEach(({ child }) => child.kill("SIGKILL")));
afterAll(() => harness.close());

function start(variables: Record<string, string> = {}, ...args: string[]): ConsumerProcess {
  // As `consumer serve`, where the command line is to be asked for it.
  const consumer = startProcess(args[0] === "serve" ? "src/cli.ts" : "src/main.ts", {
    DATABASE_URL: harness.database.url,
    AMQP_URL: harness.vhost.amqpUrl,
    OPS_PORT: "0",
    ...variables,
  }, args);
  started.push(consumer);
  return consumer;
}

async function opsUrl({ lines }: ConsumerProcess): Promise<string> {
  const listening = () => lines.find((line) => line.msg === "listening");
  await expect.poll(listening, { timeout: 60_000 }).toBeDefined();
  return `http://127.0.0.1:${listening()!.port}`;
}

const statusOf = async (url: string) => (await fetch(url)).status;

test("a process runs the jobs that it is told to, says how it is doing, and stops when asked", async () => {
  const consumer = start({}, "serve", "--only", "audit,analytics");
  const url = await opsUrl(consumer);
  expect(await statusOf(`${url}/livez`)).toBe(200);
  await expect.poll(() => statusOf(`${url}/readyz`), { timeout: 60_000 }).toBe(200);

  for (const path of ["/livez", "/readyz", "/metrics", "/v1/doctors/dr-lovelace/availability"]) {
    const options = await fetch(`${url}${path}`, { method: "OPTIONS" });
    expect([options.status, options.headers.get("allow")]).toEqual([204, "GET, HEAD, OPTIONS"]);
    // Longer than proxies keep an idle connection; Deno names no time.
    if (!("Deno" in globalThis)) expect(options.headers.get("keep-alive")).toBe("timeout=75");
  }

  const event = createdEvent({ correlationId: "request-1" });
  await harness.publish(event);
  const processed = () => consumer.lines.filter((line) => line.msg === "event processed");
  await expect.poll(processed, { timeout: 60_000 }).toHaveLength(2);
  for (const line of processed()) {
    expect(line).toMatchObject({
      level: "info",
      service: "consumer",
      eventId: event.eventId,
      correlationId: "request-1",
      aggregateId: event.aggregateId,
      outcome: "applied",
    });
  }
  expect(JSON.stringify(consumer.lines)).not.toContain("ann@example.org");

  const metrics = await (await fetch(`${url}/metrics`)).text();
  expect(metrics).toContain(
    'events_consumed_total{consumer_job="audit",event="appointment.created",outcome="applied"} 1',
  );
  expect(metrics).toContain('queue_messages{consumer_job="calendar",queue="apt.calendar.queue",kind="source"} 1');
  expect(metrics).toContain('metrics_collection_failed{source="postgresql"} 0');
  expect(metrics).toMatch(/^event_oldest_age_seconds\{consumer_job="audit"\} \d/m);

  consumer.signal("SIGTERM");
  expect(await consumer.exited).toBe(0);
  expect(consumer.lines.at(-1)).toMatchObject({ msg: "stopped" });
});

test("with a port of their own, probes and metrics are there and nowhere else", async () => {
  const consumer = start({ JOBS: "audit,availability", PROBE_PORT: "0" });
  const url = await opsUrl(consumer);
  const { probePort } = consumer.lines.find((line) => line.msg === "listening") as unknown as { probePort: number };
  const probes = ["/livez", "/readyz", "/metrics"];
  const statuses = (at: string, paths: string[]) => Promise.all(paths.map((path) => statusOf(at + path)));
  await expect.poll(() => statuses(`http://127.0.0.1:${probePort}`, probes), { timeout: 60_000 }).toEqual([
    200,
    200,
    200,
  ]);
  expect(await statuses(url, probes)).toEqual([404, 404, 404]);
  expect(await statuses(`http://127.0.0.1:${probePort}`, ["/", "/ops", "/v1/doctors/x/availability"]))
    .toEqual([404, 404, 404]);
  expect(await statuses(url, ["/", "/v1/doctors/x/availability"])).toEqual([200, 401]);
  consumer.signal("SIGTERM");
  expect(await consumer.exited).toBe(0);
});

test("who shows no key is limited, wherever they ask, and a login takes no more than a form", async () => {
  const consumer = start({
    JOBS: "availability",
    ANONYMOUS_RATE_LIMIT_PER_SECOND: "10",
    OPS_API_KEYS: JSON.stringify([{ name: "x", sha256: "0".repeat(64), scopes: ["ops:read"] }]),
  });
  const url = await opsUrl(consumer);
  const origin = { "content-type": "application/x-www-form-urlencoded", origin: url };
  const login = await fetch(`${url}/ops/login`, { method: "POST", headers: origin, body: `key=${"x".repeat(20_000)}` });
  expect(login.status).toBe(413);
  for (
    const path of ["/", "/livez", "/readyz", "/metrics", "/ops", "/ops/page.css", "/v1/doctors/x/availability", "/x"]
  ) {
    const statuses = await Promise.all(Array.from({ length: 30 }, () => statusOf(url + path)));
    expect(statuses, path).toContain(429);
  }
});

test("what is not finished when the deadline comes is delivered again", async () => {
  const { sql } = harness.database;
  const event = createdEvent();
  const consumer = start({ SHUTDOWN_TIMEOUT_MS: "300" }, "--only", "audit");
  const url = await opsUrl(consumer);
  await expect.poll(() => statusOf(`${url}/readyz`), { timeout: 60_000 }).toBe(200);
  await sql.begin(async (transaction) => {
    await transaction`lock table inbox in access exclusive mode`;
    await harness.publish(event);
    const waiting = () =>
      sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    await expect.poll(waiting, { timeout: 60_000 }).toHaveLength(1);
    consumer.signal("SIGTERM");
    expect(await consumer.exited).toBe(0);
  });
  expect(consumer.lines.map((line) => line.msg)).toContain(
    "shutdown timed out; what was not acknowledged is redelivered",
  );

  start({}, "--only", "audit");
  const effects = () => sql`select from audit_outcomes where event_key = ${event.eventId} and action = 'recorded'`;
  await expect.poll(effects, { timeout: 60_000 }).toHaveLength(1);
});

test("it waits for PostgreSQL and RabbitMQ, alive and not ready", async () => {
  const consumer = start({
    DATABASE_URL: "postgres://127.0.0.1:1/none",
    AMQP_URL: "amqp://127.0.0.1:1",
    JOBS: "audit",
  });
  const url = await opsUrl(consumer);
  const said = () => new Set(consumer.lines.map((line) => line.msg));
  await expect.poll(said, { timeout: 60_000 }).toContain("waiting for PostgreSQL");
  await expect.poll(said, { timeout: 60_000 }).toContain("waiting for RabbitMQ");
  expect(await statusOf(`${url}/livez`)).toBe(200);
  expect(await statusOf(`${url}/readyz`)).toBe(503);
  consumer.signal("SIGTERM");
  expect(await consumer.exited).toBe(0);
});

test("a wrong configuration is told in full, and exits with 1", async () => {
  const consumer = start({ AMQP_URL: "http://broker", OPS_PORT: "x", SMTP_URL: "" });
  expect(await consumer.exited).toBe(1);
  expect(consumer.output).toEqual([
    "AMQP_URL must be a URL that starts with amqp:// or amqps://",
    "OPS_PORT must be a whole number from 0 to 65535",
    "SMTP_URL and MAIL_FROM are missing; the job notifications needs them",
  ]);
});

test("a queue with another limit stops the start with both values", async () => {
  const consumer = start({ JOBS: "audit", QUEUE_MAX_LENGTH: "7" });
  expect(await consumer.exited).toBe(1);
  expect(consumer.lines.find((line) => line.level === "fatal")).toMatchObject({
    msg: expect.stringMatching(/^The queue apt\.\w+\.queue has x-max-length = 10000, wanted 7; /),
  });
});

test("a port that is taken is one clear line", async () => {
  const first = start({ JOBS: "audit" });
  const port = new URL(await opsUrl(first)).port;
  const second = start({ JOBS: "audit", OPS_PORT: port });
  expect(await second.exited).toBe(1);
  const fatal = second.lines.find((line) => line.level === "fatal");
  expect(fatal).toMatchObject({ msg: expect.stringContaining("EADDRINUSE") });
});
