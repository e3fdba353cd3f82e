import { Temporal } from "temporal-polyfill";
import type { Doctor } from "./doctor.ts";

/** Epoch milliseconds; `to` is exclusive. */
export type Interval = { readonly from: number; readonly to: number };

type Hours = Pick<Doctor, "timeZone" | "workingHours" | "exceptions">;
type Stretch = Interval & { readonly offset: number };

const dayMs = 86_400_000;
const wholeDay = [{ start: "00:00", end: "24:00" }];

/**
 * When a doctor works, in order, as far as it touches the range. An instant belongs to a working interval when the
 * clock on the wall then shows a time inside it; so an hour that is skipped is missing, and one that is repeated counts
 * twice, without any guess.
 */
export function workingTime(doctor: Hours, range: Interval): Interval[] {
  const stretches = constantOffsets(doctor.timeZone, range);
  const exceptions = new Map(doctor.exceptions.map(({ date, intervals }) => [date, intervals]));
  const found: Interval[] = [];
  for (const day of localDays(stretches)) {
    const isoDate = new Date(day).toISOString().slice(0, 10);
    for (const { start, end } of exceptions.get(isoDate) ?? weekly(doctor, day)) {
      found.push(...toInstants(day + minutes(start), day + minutes(end), stretches));
    }
  }
  return found.filter(({ from, to }) => to > range.from && from < range.to).sort((a, b) => a.from - b.from);
}

/** Whether the whole visit is inside the doctor's working time. */
export function isWorkingTime(doctor: Hours, visit: Interval): boolean {
  return joined(workingTime(doctor, visit)).some(({ from, to }) => from <= visit.from && visit.to <= to);
}

/** How often local times occur on that date in the zone: 0 where one is skipped, 2 where it is repeated. */
export function occurrencesOn(date: string, timeZone: string): (time: string) => number {
  const midnight = Date.parse(`${date}T00:00Z`);
  const around = constantOffsets(timeZone, { from: midnight - dayMs, to: midnight + 2 * dayMs });
  return (time) => {
    const wall = midnight + minutes(time);
    return around.filter(({ from, to, offset }) => from <= wall - offset && wall - offset < to).length;
  };
}

/** Without weekly hours every time is working time, except where an exception says otherwise. */
function weekly(doctor: Hours, day: number): readonly { start: string; end: string }[] {
  if (doctor.workingHours.length === 0) return wholeDay;
  const weekday = new Date(day).getUTCDay() || 7;
  return doctor.workingHours.filter((interval) => interval.weekday === weekday);
}

function minutes(time: string): number {
  const [hour, minute] = time.split(":").map(Number) as [number, number];
  return (hour * 60 + minute) * 60_000;
}

/** The range with a margin of two days, cut where the zone changes its offset. */
function constantOffsets(timeZone: string, range: Interval): Stretch[] {
  const end = range.to + 2 * dayMs;
  const stretches: Stretch[] = [];
  let at = Temporal.Instant.fromEpochMilliseconds(range.from - 2 * dayMs).toZonedDateTimeISO(timeZone);
  while (at.epochMilliseconds < end) {
    const next = at.getTimeZoneTransition("next");
    const to = Math.min(next?.epochMilliseconds ?? end, end);
    stretches.push({ from: at.epochMilliseconds, to, offset: at.offsetNanoseconds / 1e6 });
    if (!next) break;
    at = next;
  }
  return stretches;
}

/** The local dates of the stretches, each as the epoch milliseconds of its midnight on the wall. */
function localDays(stretches: readonly Stretch[]): number[] {
  const days = new Set<number>();
  for (const { from, to, offset } of stretches) {
    const last = to + offset;
    for (let day = Math.floor((from + offset) / dayMs) * dayMs; day < last; day += dayMs) days.add(day);
  }
  return [...days];
}

function toInstants(wallFrom: number, wallTo: number, stretches: readonly Stretch[]): Interval[] {
  const pieces = stretches
    .map(({ from, to, offset }) => ({ from: Math.max(wallFrom - offset, from), to: Math.min(wallTo - offset, to) }))
    .filter(({ from, to }) => from < to);
  return joined(pieces);
}

/** The same time without seams. Takes intervals in order. */
export function joined(intervals: readonly Interval[]): Interval[] {
  const result: Interval[] = [];
  for (const { from, to } of intervals) {
    const last = result.at(-1);
    if (last && from <= last.to) result.splice(-1, 1, { from: last.from, to: Math.max(last.to, to) });
    else result.push({ from, to });
  }
  return result;
}
