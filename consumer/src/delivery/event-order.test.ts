import { expect, it } from "vitest";
import { eventNames } from "../generated/events.ts";
import { comparePositions, follows, positionOf } from "./event-order.ts";

const at = (second: number, version?: number) => ({ version, at: new Date(second * 1000) });

it("goes by version where both events have one, whatever their timestamps say", () => {
  expect(comparePositions(at(1, 3), at(2, 2))).toBeGreaterThan(0);
  expect(follows(at(9, 2), at(1, 2))).toBe(false);
});

it("takes a booking for the first event, however late its timestamp is", () => {
  const booking = positionOf({ eventName: eventNames.appointmentCreated, timestamp: "2026-03-01T10:00:00Z" });
  for (const timestamp of ["2026-03-01T09:59:59Z", "2026-03-01T10:00:00Z"]) {
    const later = positionOf({ eventName: eventNames.appointmentCancelled, timestamp });
    expect(follows(later, booking)).toBe(true);
    expect(follows(booking, later)).toBe(false);
  }
});

it("goes by time where a version is missing, and by the order of receipt where the time is the same", () => {
  expect(follows(at(2), at(1, 7))).toBe(true);
  expect(follows(at(1), at(2, 7))).toBe(false);
  expect(follows(at(1), at(1))).toBe(true);
  expect(follows(at(1, 7), at(1))).toBe(true);
});
