import ICAL from "ical.js";
import { Temporal } from "temporal-polyfill";
import { expect, it } from "vitest";
import { vtimezone } from "./vtimezone.ts";

/** The offset that a calendar works out from the VTIMEZONE, in minutes. */
function offsetBy(zone: string, at: string, localTime: string): number {
  const component = ICAL.Component.fromString(vtimezone(zone, Temporal.Instant.from(at)));
  const timezone = new ICAL.Timezone(component);
  return timezone.utcOffset(ICAL.Time.fromDateTimeString(localTime)) / 60;
}

it.each([
  ["Europe/Berlin", "2026-12-01T09:00:00Z", "2026-12-01T10:00:00", 60],
  ["Europe/Berlin", "2026-07-01T08:00:00Z", "2026-07-01T10:00:00", 120],
  ["America/New_York", "2026-07-01T14:00:00Z", "2026-07-01T10:00:00", -240],
  ["America/St_Johns", "2026-12-01T13:30:00Z", "2026-12-01T10:00:00", -210],
  ["Australia/Lord_Howe", "2026-12-01T00:00:00Z", "2026-12-01T11:00:00", 660],
  ["Asia/Kolkata", "2026-12-01T04:30:00Z", "2026-12-01T10:00:00", 330],
  ["America/Sao_Paulo", "2026-12-01T13:00:00Z", "2026-12-01T10:00:00", -180],
  ["UTC", "2026-12-01T10:00:00Z", "2026-12-01T10:00:00", 0],
])("gives the offset of %s at %s", (zone, at, localTime, minutes) => {
  expect(offsetBy(zone, at, localTime)).toBe(minutes);
});

it("holds the change that comes during or after the visit", () => {
  const before = Temporal.Instant.from("2027-03-28T00:30:00Z");
  const lines = vtimezone("Europe/Berlin", before).split("\r\n");
  expect(lines).toEqual([
    "BEGIN:VTIMEZONE",
    "TZID:Europe/Berlin",
    "BEGIN:STANDARD",
    "DTSTART:20261025T030000",
    "TZOFFSETFROM:+0200",
    "TZOFFSETTO:+0100",
    "END:STANDARD",
    "BEGIN:DAYLIGHT",
    "DTSTART:20270328T020000",
    "TZOFFSETFROM:+0100",
    "TZOFFSETTO:+0200",
    "END:DAYLIGHT",
    "END:VTIMEZONE",
  ]);
});
