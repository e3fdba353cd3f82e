import { Temporal } from "temporal-polyfill";
import { expect, test } from "vitest";
import { formatLocal } from "./local-time.ts";

/** As Temporal writes it, which is asked for each instant. */
function asTemporal(instant: Date, timeZone: string): string {
  const zoned = Temporal.Instant.fromEpochMilliseconds(instant.getTime()).toZonedDateTimeISO(timeZone);
  const smallestUnit = instant.getTime() % 1000 === 0 ? "second" : "millisecond";
  return zoned.toString({ timeZoneName: "never", smallestUnit });
}

test.each([
  ["America/New_York", "2026-03-08T00:00Z"],
  ["America/New_York", "2026-11-01T00:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T00:00Z"],
  ["Asia/Beirut", "2026-03-28T00:00Z"],
  ["Africa/Monrovia", "1972-01-06T00:00Z"],
  ["UTC", "2026-03-28T00:00Z"],
  ["Pacific/Kiritimati", "9999-12-30T23:00Z"],
])("in %s instants around %s are written as Temporal writes them, whatever was asked for before", (timeZone, start) => {
  for (let step = 0; step < 400; step++) {
    const quarters = step % 2 === 0 ? step : 400 - step;
    const instant = new Date(Date.parse(start) + quarters * 15 * 60_000 + (step % 3) * 7);
    expect(formatLocal(instant, timeZone)).toBe(asTemporal(instant, timeZone));
  }
});

test("at the very transition the new offset holds, a millisecond before it the old one", () => {
  const transition = Date.parse("2030-03-31T01:00:00Z");
  for (const at of [transition, transition - 1, transition, transition + 1]) {
    expect(formatLocal(new Date(at), "Europe/Berlin")).toBe(asTemporal(new Date(at), "Europe/Berlin"));
  }
});
