import { describe, expect, test } from "vitest";
import { freeSlots } from "./slots.ts";
import type { DoctorHours } from "./working-periods.ts";

const everyDay = (start: string, end: string) => [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start, end }));

function slots(hours: Partial<DoctorHours>, from: string, to: string, durationMinutes: number, busy: string[][] = []) {
  const period = ([start, end]: string[]) => ({ start: Date.parse(start!), end: Date.parse(end!) });
  const doctor = { timeZone: "UTC", workingHours: everyDay("09:00", "12:00"), exceptions: [], ...hours };
  return freeSlots(doctor, busy.map(period), period([from, to]), durationMinutes)
    .map(({ start }) => new Date(start).toISOString().slice(0, 16));
}

describe("on an ordinary day", () => {
  test("slots follow one another from the beginning of work, as long as they fit whole", () => {
    expect(slots({}, "2026-05-04T00:00Z", "2026-05-05T00:00Z", 50)).toEqual([
      "2026-05-04T09:00",
      "2026-05-04T09:50",
      "2026-05-04T10:40",
    ]);
  });

  test("what begins in the range, at the same times wherever the range begins", () => {
    expect(slots({}, "2026-05-04T09:05Z", "2026-05-04T10:45Z", 30)).toEqual([
      "2026-05-04T09:30",
      "2026-05-04T10:00",
      "2026-05-04T10:30",
    ]);
  });

  test("a visit takes the slots that it overlaps; one that touches takes none", () => {
    const busy = [["2026-05-04T08:30Z", "2026-05-04T09:00Z"], ["2026-05-04T09:50Z", "2026-05-04T10:10Z"]];
    expect(slots({}, "2026-05-04T00:00Z", "2026-05-04T11:00Z", 30, busy)).toEqual([
      "2026-05-04T09:00",
      "2026-05-04T10:30",
    ]);
  });

  test("each interval has slots of its own, and where two touch the last of the first runs on into the second", () => {
    const workingHours = [
      { weekday: 1, start: "10:30", end: "12:00" },
      { weekday: 1, start: "09:00", end: "10:30" },
    ];
    expect(slots({ workingHours }, "2026-05-04T00:00Z", "2026-05-05T00:00Z", 60)).toEqual([
      "2026-05-04T09:00",
      "2026-05-04T10:00",
      "2026-05-04T10:30",
    ]);
  });

  test("a slot runs over midnight where the doctor does", () => {
    const workingHours = [
      { weekday: 1, start: "22:30", end: "24:00" },
      { weekday: 2, start: "00:00", end: "01:30" },
    ];
    expect(slots({ workingHours }, "2026-05-04T00:00Z", "2026-05-05T00:00Z", 60)).toEqual([
      "2026-05-04T22:30",
      "2026-05-04T23:30",
    ]);
    expect(slots({ workingHours: [] }, "2026-05-04T22:00Z", "2026-05-05T02:00Z", 50)).toEqual([
      "2026-05-04T22:30",
      "2026-05-04T23:20",
      "2026-05-05T00:00",
      "2026-05-05T00:50",
      "2026-05-05T01:40",
    ]);
  });

  test("an exception replaces the weekly hours, with none the doctor is away", () => {
    const exceptions = [
      { date: "2026-05-04", intervals: [] },
      { date: "2026-05-05", intervals: [{ start: "22:00", end: "24:00" }] },
    ];
    expect(slots({ exceptions }, "2026-05-04T00:00Z", "2026-05-07T00:00Z", 120)).toEqual([
      "2026-05-05T22:00",
      "2026-05-06T09:00",
    ]);
  });

  test("a doctor without weekly hours is free at any time but on the exceptions", () => {
    const exceptions = [{ date: "2026-05-05", intervals: [] }];
    expect(slots({ workingHours: [], exceptions }, "2026-05-04T12:00Z", "2026-05-06T12:00Z", 360)).toEqual([
      "2026-05-04T12:00",
      "2026-05-04T18:00",
      "2026-05-06T00:00",
      "2026-05-06T06:00",
    ]);
  });
});

describe("across a change of offset", () => {
  test("New York loses the hour from 2:00 on 8 March 2026", () => {
    const hours = { timeZone: "America/New_York", workingHours: everyDay("01:00", "04:00") };
    expect(slots(hours, "2026-03-08T05:00Z", "2026-03-09T04:00Z", 60)).toEqual([
      "2026-03-08T06:00",
      "2026-03-08T07:00",
    ]);
    const gap = { timeZone: "America/New_York", workingHours: everyDay("02:00", "03:00") };
    expect(slots(gap, "2026-03-08T05:00Z", "2026-03-09T04:00Z", 60)).toEqual([]);
  });

  test("New York has the hour from 1:00 twice on 1 November 2026", () => {
    const hours = { timeZone: "America/New_York", workingHours: everyDay("00:00", "02:00") };
    expect(slots(hours, "2026-11-01T04:00Z", "2026-11-02T05:00Z", 60)).toEqual([
      "2026-11-01T04:00",
      "2026-11-01T05:00",
      "2026-11-01T06:00",
    ]);
    const twice = { timeZone: "America/New_York", workingHours: everyDay("01:15", "01:45") };
    expect(slots(twice, "2026-11-01T04:00Z", "2026-11-02T05:00Z", 30)).toEqual([
      "2026-11-01T05:15",
      "2026-11-01T06:15",
    ]);
  });

  test("Lord Howe moves by half an hour", () => {
    const hours = { timeZone: "Australia/Lord_Howe", workingHours: everyDay("01:00", "03:00") };
    // 5 April 2026, 2:00 (+11) → 1:30 (+10:30)
    expect(slots(hours, "2026-04-04T13:00Z", "2026-04-05T13:30Z", 30)).toEqual([
      "2026-04-04T14:00",
      "2026-04-04T14:30",
      "2026-04-04T15:00",
      "2026-04-04T15:30",
      "2026-04-04T16:00",
    ]);
    // 4 October 2026, 2:00 (+10:30) → 2:30 (+11)
    expect(slots(hours, "2026-10-03T13:30Z", "2026-10-04T13:00Z", 30)).toEqual([
      "2026-10-03T14:30",
      "2026-10-03T15:00",
      "2026-10-03T15:30",
    ]);
  });

  test("Beirut has no midnight on 29 March 2026", () => {
    const hours = { timeZone: "Asia/Beirut", workingHours: everyDay("00:00", "02:00") };
    expect(slots(hours, "2026-03-28T20:00Z", "2026-03-29T20:00Z", 60)).toEqual(["2026-03-28T22:00"]);
    const evening = { timeZone: "Asia/Beirut", workingHours: everyDay("22:00", "24:00") };
    expect(slots(evening, "2026-03-28T10:00Z", "2026-03-29T20:00Z", 60)).toEqual([
      "2026-03-28T20:00",
      "2026-03-28T21:00",
      "2026-03-29T19:00",
    ]);
  });
});
