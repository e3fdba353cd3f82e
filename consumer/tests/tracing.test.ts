import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { schemaUrl } from "../src/telemetry/tracing.ts";
import { queues } from "../src/generated/topology.ts";
import { type ConsumerProcess, startProcess } from "./support/consumer-process.ts";
import { createDeliveryHarness, createdEvent, type DeliveryHarness } from "./support/delivery-harness.ts";
import { attributesOf, type OtlpSink, startOtlpSink } from "./support/otlp-sink.ts";

let harness: DeliveryHarness;
let sink: OtlpSink | undefined;
let consumer: ConsumerProcess | undefined;

beforeAll(async () => {
  harness = await createDeliveryHarness(queues);
});
afterEach(() => {
  consumer?.child.kill("SIGKILL");
  sink?.close();
});
afterAll(() => harness.close());

function start(endpoint: string): ConsumerProcess {
  consumer = startProcess("src/main.ts", {
    DATABASE_URL: harness.database.url,
    AMQP_URL: harness.vhost.amqpUrl,
    OPS_PORT: "0",
    JOBS: "audit",
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  });
  return consumer;
}

const said = ({ lines }: ConsumerProcess, msg: string) => lines.filter((line) => line.msg === msg);

test("each attempt at a message is a span below its traceparent, with ids and outcome and no personal data", async () => {
  sink = await startOtlpSink();
  const started = start(sink.url);
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const headers = { traceparent: `00-${traceId}-00f067aa0ba902b7-01` };
  const event = createdEvent({ correlationId: "request-1" });
  const wrong = createdEvent({ timestamp: "ann@example.org" });
  await harness.publish(event, { headers, messageId: event.eventId });
  await harness.publish(wrong, { headers, messageId: wrong.eventId, correlationId: "request-2" });
  await expect.poll(() => said(started, "event processed"), { timeout: 60_000 }).toHaveLength(1);
  await expect.poll(() => said(started, "event dead-lettered"), { timeout: 60_000 }).toHaveLength(1);
  started.signal("SIGTERM");
  expect(await started.exited).toBe(0);

  const spans = sink.spans();
  expect(spans).toHaveLength(2);
  for (const span of spans) {
    expect(span).toMatchObject({
      traceId,
      parentSpanId: "00f067aa0ba902b7",
      name: "process apt.audit.queue",
      kind: 5,
    });
  }
  const common = {
    "messaging.system": "rabbitmq",
    "messaging.operation.name": "process",
    "messaging.operation.type": "process",
    "messaging.destination.name": "appointments.ex:appointment.created:apt.audit.queue",
    "messaging.rabbitmq.destination.routing_key": "appointment.created",
    "appointments.job": "audit",
    "server.address": new URL(harness.vhost.amqpUrl).hostname,
    "server.port": Number(new URL(harness.vhost.amqpUrl).port),
  };
  const spanOf = (id: string) => spans.find((span) => attributesOf(span)["messaging.message.id"] === id);
  expect(attributesOf(spanOf(event.eventId))).toEqual({
    ...common,
    "messaging.message.id": event.eventId,
    "messaging.message.conversation_id": "request-1",
    "appointments.outcome": "applied",
  });
  expect(spanOf(wrong.eventId)?.status.code).toBe(2);
  expect(attributesOf(spanOf(wrong.eventId))).toEqual({
    ...common,
    "messaging.message.id": wrong.eventId,
    "messaging.message.conversation_id": "request-2",
    "appointments.outcome": "dead-letter",
    "error.type": "PermanentError",
  });
  expect(sink.bodies.join()).not.toContain("@");
  expect(sink.bodies.every((body) => body.includes(`"schemaUrl":"${schemaUrl}"`))).toBe(true);
  // Who reads the log finds the trace.
  for (const msg of ["event processed", "event dead-lettered"]) expect(said(started, msg)).toMatchObject([{ traceId }]);
});

test("what is committed together is linked, each with its own trace", async () => {
  sink = await startOtlpSink();
  const idle = await harness.database.sql.reserve();
  await idle`begin`;
  await idle`lock table audit_outcomes in exclusive mode`;
  const started = start(sink.url);
  // The first waits for the lock; the others are together by then.
  const traces = Array.from({ length: 5 }, () => randomUUID().replaceAll("-", ""));
  for (const traceId of traces) {
    await harness.publish(createdEvent(), { headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` } });
  }
  await expect.poll(() => waiting(), { timeout: 60_000 }).toBeGreaterThan(0);
  await idle`rollback`;
  idle.release();
  await expect.poll(() => said(started, "event processed"), { timeout: 60_000 }).toHaveLength(5);
  started.signal("SIGTERM");
  expect(await started.exited).toBe(0);
  const spans = sink.spans();
  const batches = spans.filter((span) => attributesOf(span)["messaging.batch.message_count"] !== undefined);
  expect(batches.length).toBeGreaterThan(0);
  for (const { traceId, links = [], ...batch } of batches) {
    expect(attributesOf({ traceId, ...batch })["messaging.batch.message_count"]).toBe(links.length);
    expect(traces).not.toContain(traceId);
    const attempts = links.map((link) => spans.find(({ spanId }) => spanId === link.spanId));
    expect(attempts.map((attempt) => attempt?.traceId)).toEqual(links.map((link) => link.traceId));
    expect(new Set(links.map((link) => link.traceId)).size).toBe(links.length);
  }
});

/** Sessions of the consumer that wait for a lock. */
async function waiting(): Promise<number> {
  const [row] = await harness.database.sql<[{ count: number }]>`
    select count(*)::int from pg_stat_activity
    where datname = current_database() and wait_event_type = 'Lock'`;
  return row.count;
}

test.each(["away", "silent"])("a collector that is %s changes nothing", async (collector) => {
  sink = await startOtlpSink({ silent: true });
  if (collector === "away") sink.close();
  const started = start(sink.url);
  await harness.publish(createdEvent());
  await expect.poll(() => said(started, "event processed"), { timeout: 60_000 }).toHaveLength(1);

  const before = performance.now();
  started.signal("SIGTERM");
  expect(await started.exited).toBe(0);
  expect(performance.now() - before).toBeLessThan(8_000);
  expect(started.lines.at(-1)).toMatchObject({ msg: "stopped" });
});
