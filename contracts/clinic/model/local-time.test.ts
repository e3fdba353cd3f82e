import { expect, test } from "vitest";
import { localTime } from "./local-time.ts";

test.each([
  ["2026-07-01T08:00:00Z", "Europe/Berlin", "2026-07-01T10:00:00+02:00"],
  ["2026-12-01T09:00:00Z", "Europe/Berlin", "2026-12-01T10:00:00+01:00"],
  ["2026-10-25T00:30:00Z", "Europe/Berlin", "2026-10-25T02:30:00+02:00"],
  ["2026-10-25T01:30:00Z", "Europe/Berlin", "2026-10-25T02:30:00+01:00"],
  ["2026-12-01T20:00:00Z", "Asia/Kathmandu", "2026-12-02T01:45:00+05:45"],
  ["2026-12-01T02:00:00Z", "America/St_Johns", "2026-11-30T22:30:00-03:30"],
  ["2026-12-01T09:00:00Z", "UTC", "2026-12-01T09:00:00+00:00"],
])("%s is in %s %s", (instant, timeZone, written) => {
  expect(localTime(Date.parse(instant), timeZone)).toBe(written);
});
