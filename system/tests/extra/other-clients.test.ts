import { type ChildProcess, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterEach, beforeEach, expect, test } from "vitest";
import { doctor } from "../../doctor.ts";
import { root } from "../../local-files.ts";
import { book } from "../support/book.ts";
import { type Clinic, createClinic } from "../support/clinic.ts";
import { countEffects, eachOnce } from "../support/effects.ts";
import { slot } from "../support/slot.ts";

/** Debian's python3-pika belongs to this interpreter. */
const python = "/usr/bin/python3";
const exchange = "appointments.ex";

let clinic: Clinic;
let client: ChildProcess | undefined;
beforeEach(async ({ onTestFailed }) => {
  clinic = await createClinic();
  onTestFailed(() => console.log(clinic.log.join("\n")));
  await Promise.all([clinic.startProducer(), clinic.startConsumer()]);
  await clinic.createDoctor();
});
afterEach(async () => {
  client?.kill();
  await clinic.remove();
});

function pika(script: string, ...args: string[]) {
  client = spawn(python, [join(import.meta.dirname, "pika", script), clinic.amqp, exchange, ...args]);
  client.stderr!.on("data", (text) => console.error(String(text)));
  return client;
}

test("an event with only the required fields, published by pika, is processed in full", async () => {
  const appointment = { id: randomUUID(), patientEmail: "stranger@example.org" };
  const publisher = pika("publish.py", "appointment.created");
  publisher.stdin!.end(JSON.stringify({
    eventName: "appointment.created",
    aggregateId: appointment.id,
    timestamp: new Date().toISOString(),
    version: 1,
    payload: { patientEmail: appointment.patientEmail, doctorId: doctor.id, appointmentDate: slot(0) },
  }));
  expect(await new Promise((resolve) => publisher.once("exit", resolve))).toBe(0);

  await expect.poll(() => countEffects(clinic, appointment), { timeout: 10_000 }).toEqual(eachOnce);
});

test("a subscriber that nobody knew gets the documented bytes and properties", async () => {
  const lines = createInterface(pika("subscribe.py", "appointment.*").stdout!)[Symbol.asyncIterator]();
  expect((await lines.next()).value).toBe("bound");

  const { id } = await book(clinic, 0);

  const received = JSON.parse((await lines.next()).value as string);
  // The subscriber may have it before the relay has recorded the confirm.
  const archived = () => clinic.producerSql`SELECT body FROM outbox_archive WHERE aggregate_id = ${id}`;
  await expect.poll(async () => [...await archived()], { timeout: 30_000 }).toEqual([{ body: received.body }]);
  const event = JSON.parse(received.body);
  expect(violations("AppointmentCreated", event)).toEqual([]);
  expect(received).toEqual({
    exchange,
    routing_key: "appointment.created",
    body: received.body,
    properties: {
      content_type: "application/json",
      content_encoding: "utf-8",
      delivery_mode: 2,
      message_id: event.eventId,
      correlation_id: event.correlationId,
      type: "appointment.created",
      app_id: "appointment-producer",
      timestamp: Math.floor(Date.parse(event.timestamp) / 1000),
      headers: {
        "x-event-version": 1,
        traceparent: expect.stringMatching(/^00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]$/),
      },
    },
  });
});

/** What the producer's own document finds wrong with an event; a field that it does not name is wrong, too. */
function violations(schema: string, event: unknown) {
  const document = JSON.parse(readFileSync(join(root, "producer/src/generated/asyncapi.json"), "utf8"));
  const ajv = new Ajv2020({ allErrors: true, strict: false });
  addFormats.default(ajv);
  const closed = JSON.stringify(document.components.schemas).replaceAll(
    '"type":"object"',
    '"type":"object","unevaluatedProperties":false',
  );
  ajv.addSchema({ $id: "document", components: { schemas: JSON.parse(closed) } });
  const validate = ajv.compile({ $ref: `document#/components/schemas/${schema}` });
  return validate(event) ? [] : validate.errors;
}
