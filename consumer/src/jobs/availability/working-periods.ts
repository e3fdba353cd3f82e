import { Temporal } from "temporal-polyfill";

/** Milliseconds since the epoch; `end` does not belong to it. */
export interface Period {
  start: number;
  end: number;
}

/** As `doctor.updated` tells them: local times, `weekday` 1 is Monday, `24:00` is the end of a day. */
export interface DoctorHours {
  timeZone: string;
  workingHours: { weekday: number; start: string; end: string }[];
  exceptions: { date: string; intervals: { start: string; end: string }[] }[];
}

const minute = 60_000;
const day = 24 * 60 * minute;

/**
 * When the doctor works on the local days that `range` touches, in order: all instants whose local time is in an
 * interval of their day, so a gap in the local time shortens the work and a repeated hour is worked twice.
 */
export function workingPeriods(hours: DoctorHours, range: Period): Period[] {
  const offsets = offsetsBetween(hours.timeZone, range.start - 2 * day, range.end + 2 * day);
  const periods: Period[] = [];
  for (let local = Math.floor(range.start / day) - 1; local <= Math.floor(range.end / day) + 1; local += 1) {
    for (const { start, end } of intervalsOn(local * day, hours)) {
      periods.push(...joined(offsets.flatMap((span) => {
        const piece = {
          start: Math.max(start - span.offset, span.start),
          end: Math.min(end - span.offset, span.end),
        };
        return piece.start < piece.end ? [piece] : [];
      })));
    }
  }
  return periods.filter((period) => period.start < range.end && period.end > range.start)
    .sort((a, b) => a.start - b.start);
}

/** The intervals of one local day, counted as if local time were UTC. Without weekly hours all of it is free. */
function intervalsOn(midnight: number, { workingHours, exceptions }: DoctorHours): Period[] {
  const date = new Date(midnight).toISOString().slice(0, 10);
  const weekday = new Date(midnight).getUTCDay() || 7;
  const exception = exceptions.find((candidate) => candidate.date === date);
  const intervals = exception?.intervals ??
    (workingHours.length > 0
      ? workingHours.filter((interval) => interval.weekday === weekday)
      : [{ start: "00:00", end: "24:00" }]);
  return intervals.map(({ start, end }) => ({ start: midnight + timeOfDay(start), end: midnight + timeOfDay(end) }));
}

function timeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(":").map(Number);
  return (hours * 60 + minutes) * minute;
}

/** Pieces in order, with those that touch made one. */
export function joined(pieces: Period[]): Period[] {
  const result: Period[] = [];
  for (const piece of pieces) {
    const last = result.at(-1);
    if (last && piece.start <= last.end) last.end = Math.max(last.end, piece.end);
    else result.push({ ...piece });
  }
  return result;
}

/** The zone's offset from UTC in milliseconds, span by span. */
function offsetsBetween(timeZone: string, from: number, to: number): (Period & { offset: number })[] {
  const spans: (Period & { offset: number })[] = [];
  let current: Temporal.ZonedDateTime | null = Temporal.Instant.fromEpochMilliseconds(from).toZonedDateTimeISO(
    timeZone,
  );
  while (current && current.epochMilliseconds < to) {
    const next: Temporal.ZonedDateTime | null = current.getTimeZoneTransition("next");
    spans.push({
      start: current.epochMilliseconds,
      end: Math.min(next?.epochMilliseconds ?? to, to),
      offset: current.offsetNanoseconds / 1e6,
    });
    current = next;
  }
  return spans;
}
