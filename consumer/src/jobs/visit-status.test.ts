import { expect, it } from "vitest";
import { statusFollows, type VisitStatus } from "./visit-status.ts";

const told = (value: VisitStatus, second: number, version?: number) => ({
  value,
  position: { version, at: new Date(second * 1000) },
});

it("keeps what ended the visit when nothing tells which event was later", () => {
  for (const end of ["completed", "no_show", "cancelled"] as const) {
    for (const before of ["booked", "arrived"] as const) {
      expect(statusFollows(told(end, 1), told(before, 1))).toBe(true);
      expect(statusFollows(told(before, 1), told(end, 1))).toBe(false);
    }
  }
  expect(statusFollows(told("arrived", 1), told("booked", 1, 2))).toBe(true);
  expect(statusFollows(told("booked", 1, 2), told("arrived", 1))).toBe(false);
});

it("takes the later status otherwise", () => {
  expect(statusFollows(told("arrived", 1, 3), told("booked", 2, 2))).toBe(true);
  expect(statusFollows(told("arrived", 2, 2), told("completed", 1, 3))).toBe(false);
});

it("knows nothing that undoes a cancellation", () => {
  expect(statusFollows(told("cancelled", 1), told("booked", 2))).toBe(true);
  expect(statusFollows(told("booked", 2), told("cancelled", 1))).toBe(false);
});
