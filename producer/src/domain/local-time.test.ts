import { expect, test } from "vitest";
import { createFormatLocal, formatLocal } from "./local-time.ts";

test.each([
  ["America/New_York", "2026-03-08T00:00Z"],
  ["America/New_York", "2026-11-01T00:00Z"],
  ["Australia/Lord_Howe", "2026-04-04T00:00Z"],
  ["Asia/Beirut", "2026-03-28T00:00Z"],
  ["UTC", "2026-03-28T00:00Z"],
])("in %s a row of instants from %s is written as each is by itself", (timeZone, start) => {
  const format = createFormatLocal(timeZone);
  for (let step = 0; step < 200; step++) {
    const instant = new Date(Date.parse(start) + step * 15 * 60_000 + (step % 3) * 7);
    expect(format(instant)).toBe(formatLocal(instant, timeZone));
  }
});

test("an instant before the last one is written right as well", () => {
  const format = createFormatLocal("Europe/Berlin");
  expect(format(new Date("2030-07-01T08:00:00Z"))).toBe("2030-07-01T10:00:00+02:00");
  expect(format(new Date("2030-01-01T08:00:00Z"))).toBe("2030-01-01T09:00:00+01:00");
});
