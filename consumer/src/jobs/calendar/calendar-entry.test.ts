import fc from "fast-check";
import { expect, test } from "vitest";
import { calendarEntry, entryUid, writtenEntry } from "./calendar-entry.ts";

const time = fc.date({
  min: new Date("0000-01-01T00:00:00Z"),
  max: new Date("+010010-01-01T00:00:00Z"),
  noInvalidDate: true,
});

test("an entry has the bytes that ical-generator writes", () => {
  const visit = fc.record({
    id: fc.uuid(),
    startsAt: time,
    minutes: fc.integer({ min: 1, max: 1440 }),
    at: time,
    version: fc.option(fc.nat()),
    erased: fc.boolean(),
  });
  fc.assert(
    fc.property(visit, ({ id, startsAt, minutes, at, version, erased }) => {
      const endsAt = new Date(startsAt.getTime() + minutes * 60_000);
      const position = { at, version: version === null ? undefined : version + 1 };
      const entry = calendarEntry(id, { doctorId: "dr-1", startsAt, endsAt, position }, { erased });
      expect(entry).toBe(writtenEntry({
        UID: entryUid(id),
        SEQUENCE: version ?? 0,
        DTSTAMP: at,
        DTSTART: startsAt,
        DTEND: endsAt,
        DESCRIPTION: erased ? undefined : `Reference ${id}`,
      }));
    }),
    { numRuns: 500 },
  );
});

test("no line of an entry is long enough to be folded (RFC 5545, 3.1)", () => {
  const at = new Date("2030-06-01T10:00:00Z");
  const position = { at, version: Number.MAX_SAFE_INTEGER };
  const entry = calendarEntry("ffffffff-ffff-7fff-bfff-ffffffffffff", {
    doctorId: "dr-1",
    startsAt: at,
    endsAt: at,
    position,
  });
  for (const line of entry.split("\r\n")) expect(line.length).toBeLessThan(75);
});
