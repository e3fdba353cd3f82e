import type { Doctor } from "./doctor.ts";
import { DomainError, type FieldFault } from "./domain-error.ts";
import { occurrencesOn } from "./working-time.ts";

type Hours = Pick<Doctor, "timeZone" | "workingHours" | "exceptions">;
type Interval = { readonly start: string; readonly end: string };

/** The edges of a day are no readings of a clock: a day begins and ends once, also where its clocks skip midnight. */
const dayEdges = { start: "00:00", end: "24:00" };

/** Refuses hours that mean two things, or nothing: overlaps, dates twice, times that the zone's clocks skip or repeat. */
export function checkHours(doctor: Hours): void {
  const faults: FieldFault[] = [];
  const refuse = (detail: string, ...field: FieldFault["field"]) => faults.push({ field, detail });

  doctor.workingHours.forEach((interval, index) => {
    const earlier = doctor.workingHours.slice(0, index).filter(({ weekday }) => weekday === interval.weekday);
    if (earlier.some((other) => overlap(other, interval))) {
      refuse("overlaps another interval of that day", "workingHours", index);
    }
  });
  const dates = new Set<string>();
  doctor.exceptions.forEach(({ date, intervals }, index) => {
    if (dates.has(date)) refuse("occurs twice", "exceptions", index, "date");
    dates.add(date);
    const occurrences = occurrencesOn(date, doctor.timeZone);
    intervals.forEach((interval, position) => {
      const field = ["exceptions", index, "intervals", position] as const;
      if (intervals.slice(0, position).some((other) => overlap(other, interval))) {
        refuse("overlaps another interval of that day", ...field);
      }
      for (const end of ["start", "end"] as const) {
        if (interval[end] === dayEdges[end]) continue;
        const times = occurrences(interval[end]);
        if (times !== 1) {
          const fault = times === 0 ? "does not exist" : "exists twice";
          refuse(`${fault} in ${doctor.timeZone} on that day`, ...field, end);
        }
      }
    });
  });
  if (faults.length > 0) throw new DomainError("invalid-value", "The working hours are not acceptable", { faults });
}

function overlap(a: Interval, b: Interval): boolean {
  return a.start < b.end && b.start < a.end;
}
