import { expect, test } from "vitest";
import { createAnswerCheck } from "./answer-violations.ts";

const root = new URL("../../..", import.meta.url).pathname;
const archived = {
  position: 1,
  eventId: "0197f3a2-7000-7000-8000-000000000002",
  eventName: "appointment.cancelled",
  aggregateId: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  aggregateVersion: 2,
  body: "{}",
  headers: { "x-event-version": 1 },
  publishedAt: "2026-11-23T08:00:00.000Z",
};
const doctor = "/v1/doctors/dr-1";

function reasonsFor(method: string, path: string, status: number, body: object): string[] {
  const check = createAnswerCheck(root);
  check.see(method, path, { status, text: JSON.stringify(body) });
  return check.violations().map(({ reason }) => reason);
}

test("an answer as it is described is right", () => {
  expect(reasonsFor("GET", "/ops/archive?limit=1", 200, { items: [archived] })).toEqual([]);
});

test("a renamed field is missing, and is one too many", () => {
  const { body, ...others } = archived;
  expect(reasonsFor("GET", "/ops/archive", 200, { items: [{ ...others, text: body }] })).toEqual([
    "GET /ops/archive answers 200 in which /items/* must have required property 'body'",
    "GET /ops/archive answers 200 in which /items/*/text is not declared in the schema",
  ]);
});

test("a number as text is no number", () => {
  expect(reasonsFor("GET", "/ops/archive", 200, { items: [{ ...archived, aggregateVersion: "2" }] })).toEqual([
    "GET /ops/archive answers 200 in which /items/*/aggregateVersion must be integer",
  ]);
});

test("a status and an address that nobody described are named", () => {
  expect(reasonsFor("GET", doctor, 299, {})).toEqual(["GET /v1/doctors/{id} answers 299, which is not described"]);
  expect(reasonsFor("GET", "/v1/rooms", 200, {})).toEqual(["GET /v1/rooms is answered, but not described"]);
});
