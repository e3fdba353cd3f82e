import { expect, test } from "vitest";
import { eventNames } from "../generated/events.ts";
import { ContractViolation, sealEvent } from "./seal-event.ts";

const envelope = {
  eventId: "0197f3a2-7000-7000-8000-000000000002",
  aggregateId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  aggregateVersion: 2,
  occurredAt: new Date("2026-11-23T08:00:00Z"),
  correlationId: "request-1",
  actor: "reception",
};
const payload = { doctorId: "dr-lovelace", appointmentDate: "2026-12-01T10:00:00+01:00" };

test("the envelope goes around what happened", () => {
  expect(sealEvent({ eventName: eventNames.appointmentArrived, payload }, envelope)).toEqual({
    eventName: eventNames.appointmentArrived,
    aggregateId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
    timestamp: "2026-11-23T08:00:00.000Z",
    version: 1,
    eventId: "0197f3a2-7000-7000-8000-000000000002",
    aggregateVersion: 2,
    correlationId: "request-1",
    actor: "reception",
    payload,
  });
});

test("an event that breaks the contract is never emitted, and the error does not quote it", () => {
  const wrong = { ...payload, doctorId: "nobody@example.org" };
  expect(() => sealEvent({ eventName: eventNames.appointmentArrived, payload: wrong }, envelope)).toThrow(
    ContractViolation,
  );
  expect(() => sealEvent({ eventName: eventNames.appointmentArrived, payload: wrong }, envelope)).toThrow(
    /payload\.doctorId \(regex\)$/,
  );
  const more = { ...payload, patientEmail: "ada@example.org" };
  expect(() => sealEvent({ eventName: eventNames.appointmentArrived, payload: more }, envelope)).toThrow(
    /payload\.patientEmail/,
  );
});
