import { expect, test } from "vitest";
import type { Doctor } from "./doctor.ts";
import { isWorkingTime, occurrencesOn, workingTime } from "./working-time.ts";

const everyDay = (start: string, end: string) => [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, start, end }));
const hours = (timeZone: string, workingHours: Doctor["workingHours"], exceptions: Doctor["exceptions"] = []) => ({
  timeZone,
  workingHours,
  exceptions,
});

/** What falls on that UTC day and the night around it, in hours of work. */
function worked(doctor: ReturnType<typeof hours>, from: string, to: string): string[] {
  return workingTime(doctor, { from: Date.parse(from), to: Date.parse(to) })
    .map((interval) => [interval.from, interval.to].map((ms) => new Date(ms).toISOString().slice(5, 16)).join(" to "));
}

test("hours are local: the same clock is another instant in summer", () => {
  const doctor = hours("Europe/Berlin", everyDay("09:00", "17:00"));
  expect(worked(doctor, "2026-01-15T00:00Z", "2026-01-16T00:00Z")).toEqual(["01-15T08:00 to 01-15T16:00"]);
  expect(worked(doctor, "2026-07-15T00:00Z", "2026-07-16T00:00Z")).toEqual(["07-15T07:00 to 07-15T15:00"]);
});

test("only the weekdays that are named, and 24:00 is the end of the day", () => {
  const doctor = hours("UTC", [{ weekday: 1, start: "22:00", end: "24:00" }]);
  expect(worked(doctor, "2026-11-22T00:00Z", "2026-11-29T00:00Z")).toEqual(["11-23T22:00 to 11-24T00:00"]);
});

test("an exception replaces its day, an empty one takes it away", () => {
  const exceptions = [{ date: "2026-12-24", intervals: [] }, {
    date: "2026-12-31",
    intervals: [{ start: "09:00", end: "12:00" }],
  }];
  const doctor = hours("UTC", everyDay("09:00", "17:00"), exceptions);
  expect(worked(doctor, "2026-12-24T00:00Z", "2026-12-25T00:00Z")).toEqual([]);
  expect(worked(doctor, "2026-12-31T00:00Z", "2027-01-01T00:00Z")).toEqual(["12-31T09:00 to 12-31T12:00"]);
  const always = hours("UTC", [], exceptions);
  expect(isWorkingTime(always, { from: Date.parse("2026-12-24T09:00Z"), to: Date.parse("2026-12-24T09:30Z") })).toBe(
    false,
  );
  expect(isWorkingTime(always, { from: Date.parse("2026-12-25T23:45Z"), to: Date.parse("2026-12-26T00:15Z") })).toBe(
    true,
  );
});

test("America/New_York, 8 March 2026: the skipped hour is missing", () => {
  const doctor = hours("America/New_York", everyDay("01:00", "05:00"));
  expect(worked(doctor, "2026-03-08T05:00Z", "2026-03-08T12:00Z")).toEqual(["03-08T06:00 to 03-08T09:00"]);
  const inTheGap = hours("America/New_York", everyDay("02:00", "03:00"));
  expect(worked(inTheGap, "2026-03-08T05:00Z", "2026-03-08T12:00Z")).toEqual([]);
  const fromTheGap = hours("America/New_York", everyDay("02:30", "04:00"));
  expect(worked(fromTheGap, "2026-03-08T05:00Z", "2026-03-08T12:00Z")).toEqual(["03-08T07:00 to 03-08T08:00"]);
});

test("America/New_York, 1 November 2026: the repeated hour counts twice", () => {
  const doctor = hours("America/New_York", everyDay("00:00", "03:00"));
  expect(worked(doctor, "2026-11-01T04:00Z", "2026-11-01T12:00Z")).toEqual(["11-01T04:00 to 11-01T08:00"]);
  const intoTheFold = hours("America/New_York", everyDay("00:30", "01:30"));
  expect(worked(intoTheFold, "2026-11-01T04:00Z", "2026-11-01T12:00Z"))
    .toEqual(["11-01T04:30 to 11-01T05:30", "11-01T06:00 to 11-01T06:30"]);
});

test("Australia/Lord_Howe changes by half an hour", () => {
  const doctor = hours("Australia/Lord_Howe", everyDay("00:00", "06:00"));
  expect(worked(doctor, "2026-10-03T13:30Z", "2026-10-03T19:00Z")).toEqual(["10-03T13:30 to 10-03T19:00"]);
  expect(worked(doctor, "2026-04-04T13:00Z", "2026-04-04T19:30Z")).toEqual(["04-04T13:00 to 04-04T19:30"]);
});

test("Asia/Beirut skips midnight: the day begins at one", () => {
  const doctor = hours("Asia/Beirut", everyDay("00:00", "02:00"));
  expect(worked(doctor, "2026-03-28T22:00Z", "2026-03-29T04:00Z")).toEqual(["03-28T22:00 to 03-28T23:00"]);
  expect(occurrencesOn("2026-03-29", "Asia/Beirut")("00:30")).toBe(0);
});

test("Pacific/Apia skipped a whole day", () => {
  const doctor = hours("Pacific/Apia", everyDay("09:00", "10:00"));
  expect(worked(doctor, "2011-12-30T00:00Z", "2011-12-31T12:00Z")).toEqual(["12-30T19:00 to 12-30T20:00"]);
});

test.each([
  ["2026-03-08", "01:59", 1],
  ["2026-03-08", "02:30", 0],
  ["2026-03-08", "03:00", 1],
  ["2026-11-01", "00:59", 1],
  ["2026-11-01", "01:30", 2],
  ["2026-11-01", "02:00", 1],
  ["2026-11-01", "24:00", 1],
])("in New York %s %s occurs %i times", (date, time, times) => {
  expect(occurrencesOn(date, "America/New_York")(time)).toBe(times);
});

test("a visit across two intervals that touch is inside, one that sticks out is not", () => {
  const doctor = hours("UTC", [{ weekday: 1, start: "09:00", end: "12:00" }, {
    weekday: 1,
    start: "12:00",
    end: "15:00",
  }]);
  const visit = (from: string, to: string) => ({
    from: Date.parse(`2026-11-23T${from}Z`),
    to: Date.parse(`2026-11-23T${to}Z`),
  });
  expect(isWorkingTime(doctor, visit("11:45", "12:15"))).toBe(true);
  expect(isWorkingTime(doctor, visit("09:00", "15:00"))).toBe(true);
  expect(isWorkingTime(doctor, visit("08:59", "09:30"))).toBe(false);
  expect(isWorkingTime(doctor, visit("14:45", "15:01"))).toBe(false);
});
