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

it("takes one that takes back what ended the visit in the same instant, and then what comes after it", () => {
  for (const ended of ["arrived", "completed", "no_show"] as const) {
    const reopened = { ...told("booked", 1), takesBack: true };
    expect(statusFollows(reopened, told(ended, 1))).toBe(true);
    expect(statusFollows(reopened, told(ended, 2))).toBe(false);
    expect(statusFollows(told(ended, 1), reopened)).toBe(true);
    expect(statusFollows({ ...told("booked", 1, 3), takesBack: true }, told(ended, 2, 2))).toBe(true);
    expect(statusFollows({ ...told("booked", 2, 2), takesBack: true }, told(ended, 1, 3))).toBe(false);
  }
  expect(statusFollows({ ...told("booked", 1), takesBack: true }, told("booked", 1))).toBe(false);
  expect(statusFollows({ ...told("booked", 2), takesBack: true }, told("cancelled", 1))).toBe(false);
});

it("takes the later status otherwise", () => {
  expect(statusFollows(told("arrived", 1, 3), told("booked", 2, 2))).toBe(true);
  expect(statusFollows(told("arrived", 2, 2), told("completed", 1, 3))).toBe(false);
});

it("knows nothing that undoes a cancellation", () => {
  expect(statusFollows(told("cancelled", 1), told("booked", 2))).toBe(true);
  expect(statusFollows(told("booked", 2), told("cancelled", 1))).toBe(false);
});
