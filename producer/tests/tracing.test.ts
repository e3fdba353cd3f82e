import { afterEach, beforeEach, expect, test } from "vitest";
import { schemaUrl } from "../src/telemetry/tracing.ts";
import { booking, doctor } from "./api-under-test.ts";
import { eventually } from "./eventually.ts";
import { attributesOf, type OtlpSink, startOtlpSink } from "./otlp-sink.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";
import { createPrivateVhost, type PrivateVhost, type Subscriber } from "./private-vhost.ts";
import { type ProducerProcess, startProducer } from "./producer-process.ts";

let database: PrivateDatabase;
let vhost: PrivateVhost;
let subscriber: Subscriber;
let sink: OtlpSink | undefined;
let producer: ProducerProcess | undefined;

beforeEach(async () => {
  [database, vhost] = await Promise.all([createPrivateDatabase(), createPrivateVhost()]);
  subscriber = await vhost.subscribe("#");
});

afterEach(async () => {
  await producer?.kill("SIGKILL");
  sink?.close();
  await Promise.all([database.drop(), vhost.drop()]);
});

async function start(endpoint: string): Promise<ProducerProcess> {
  producer = await startProducer(database.url, vhost.url, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint });
  return producer;
}

async function eventOf(type: string) {
  return await eventually(() => {
    const message = subscriber.received.find(({ properties }) => properties.type === type);
    if (!message) throw new Error(`${type} has not come`);
    return message.properties;
  });
}

test("a trace goes from the caller through the request to the event and its publication, without personal data", async () => {
  sink = await startOtlpSink();
  const { send, kill } = await start(sink.url);
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const caller = { traceparent: `00-${traceId}-00f067aa0ba902b7-01`, tracestate: "vendor=1" };
  await send("PUT", "/v1/doctors/dr-lovelace", doctor);
  expect((await send("POST", "/v1/appointments", { ...booking, patientPhone: "+4930123456" }, caller)).status).toBe(
    201,
  );
  await send("GET", `/v1/appointments?patientEmail=${booking.patientEmail}`);
  await send("GET", "/readyz");
  const { headers, messageId, correlationId } = await eventOf("appointment.created");
  expect(await kill("SIGTERM")).toBe(0);

  const spans = sink.spans();
  const request = spans.find((span) => span.kind === 2 && span.traceId === traceId);
  expect(request).toMatchObject({ name: "POST /v1/appointments", parentSpanId: "00f067aa0ba902b7" });
  expect(attributesOf(request)).toEqual({
    "http.request.method": "POST",
    "http.route": "/v1/appointments",
    "http.response.status_code": 201,
  });
  expect(headers).toMatchObject({ traceparent: `00-${traceId}-${request?.spanId}-01`, tracestate: "vendor=1" });

  const publication = spans.find((span) => span.kind === 4 && span.traceId === traceId);
  expect(publication).toMatchObject({ name: "publish appointments.ex", parentSpanId: request?.spanId });
  expect(attributesOf(publication)).toEqual({
    "messaging.system": "rabbitmq",
    "messaging.operation.name": "publish",
    "messaging.operation.type": "send",
    "messaging.destination.name": "appointments.ex:appointment.created",
    "messaging.rabbitmq.destination.routing_key": "appointment.created",
    "messaging.message.id": messageId,
    "messaging.message.conversation_id": correlationId,
    "server.address": new URL(vhost.url).hostname,
    "server.port": Number(new URL(vhost.url).port),
  });
  expect(sink.bodies.every((body) => body.includes(`"schemaUrl":"${schemaUrl}"`))).toBe(true);

  const names = spans.map(({ name }) => name);
  expect(names).toContain("GET /v1/appointments");
  expect(names).not.toContain("GET /readyz");
  const everything = sink.bodies.join();
  for (const personal of ["@", "%40", "Ada", "+4930123456"]) expect(everything).not.toContain(personal);
});

test.each(["away", "silent"])("a collector that is %s changes nothing", async (collector) => {
  sink = await startOtlpSink({ silent: true });
  if (collector === "away") sink.close();
  const { send, kill, logs } = await start(sink.url);
  await send("PUT", "/v1/doctors/dr-lovelace", doctor);
  expect((await send("POST", "/v1/appointments", booking)).status).toBe(201);
  await eventOf("appointment.created");

  const before = performance.now();
  expect(await kill("SIGTERM")).toBe(0);
  expect(performance.now() - before).toBeLessThan(5_000);
  expect(logs().at(-1)).toMatchObject({ msg: "stopped" });
});
