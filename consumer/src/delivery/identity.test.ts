import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import { identify } from "./identity.ts";

const event = {
  eventName: "appointment.created",
  aggregateId: "3f0f9a52-7a52-4a3c-9d0b-2f3f6f2a7c11",
  eventId: "a3bb189e-8bf9-4c7e-9f5d-0e2b8a6f1c01",
  correlationId: "request-7",
};
const identityOf = (body: unknown, properties = {}) =>
  identify({ content: Buffer.from(typeof body === "string" ? body : JSON.stringify(body)), properties }, 1_048_576);
const sha256 = (text: string) => createHash("sha256").update(text).digest("hex");

test("an event says who it is", () => {
  const { eventId: eventKey, ...others } = event;
  expect(identityOf(event)).toEqual({ eventKey, ...others });
  expect(identityOf({ ...event, eventName: "doctor.updated", aggregateId: "dr-1" }))
    .toMatchObject({ eventName: "doctor.updated", aggregateId: "dr-1" });
});

test("what is no event goes by its properties, or by its bytes", () => {
  const nameless = { eventName: undefined, aggregateId: undefined, correlationId: undefined };
  expect(identityOf("{", { messageId: "m-1", correlationId: "c-1" }))
    .toEqual({ ...nameless, eventKey: "m-1", correlationId: "c-1" });
  for (const text of ["{", "null", "[1]", '"text"']) {
    expect(identityOf(text)).toEqual({ ...nameless, eventKey: sha256(text) });
  }
});

test.each([
  "ann@example.org",
  "+49 170 1234567",
  "+491701234567",
  "Ann Smith",
  "a\0b",
  "x".repeat(129),
  "",
  7,
  null,
  { deep: 1 },
])("%j is nobody's name", (value) => {
  const body = { eventName: value, aggregateId: value, eventId: value, correlationId: value };
  expect(identityOf(body, { messageId: value, correlationId: value })).toEqual({
    eventKey: sha256(JSON.stringify(body)),
    eventName: undefined,
    aggregateId: undefined,
    correlationId: undefined,
  });
});
