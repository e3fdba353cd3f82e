import { expect, test } from "vitest";
import { nightOf } from "./nightly.ts";

test.each([
  ["02:30", "2026-03-01T02:29:59Z", undefined],
  ["02:30", "2026-03-01T02:30:00Z", "2026-03-01T02:30:00.000Z"],
  ["02:30", "2026-03-01T03:29:59Z", "2026-03-01T02:30:00.000Z"],
  ["02:30", "2026-03-01T03:30:00Z", undefined],
  ["23:45", "2026-03-02T00:10:00Z", "2026-03-01T23:45:00.000Z"],
])("at %s, %s is the night of %s", (at, now, night) => {
  expect(nightOf(at, new Date(now))?.toISOString()).toBe(night);
});
