import { expect, test } from "vitest";
import { judge } from "./prove.ts";

const wrong = { pointer: "/components/messages/doctorUpdated/payload", reason: "doctor.updated is wrong" };

function verified(consumer: string, violations: typeof wrong[]) {
  return {
    consumer,
    result: { interactions: 1, pact: "", success: violations.length === 0 },
    mismatches: [],
    violations,
  };
}

function failed(all: typeof wrong[]): string[] {
  const pacts = judge([verified("audit", [wrong]), verified("analytics", [])], all);
  return pacts.filter(({ result }) => !result.success).map(({ consumer }) => consumer);
}

test("what is wrong with a message fails the pacts that asked for it", () => {
  expect(failed([wrong])).toEqual(["audit"]);
});

test("what is wrong with a message that no pact asked for fails them all", () => {
  expect(failed([wrong, { pointer: "/operations", reason: "clinic.noted is sent, but not described" }])).toEqual([
    "audit",
    "analytics",
  ]);
});
