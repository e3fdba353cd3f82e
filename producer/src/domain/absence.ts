import { Temporal } from "temporal-polyfill";
import { fieldLimits } from "../generated/field-limits.ts";
import type { Decision } from "./decision.ts";
import type { Doctor } from "./doctor.ts";
import { doctorChanged } from "./doctor-changed.ts";
import { invalidValue } from "./domain-error.ts";
import type { Interval } from "./working-time.ts";

const { maxItems: maxExceptions } = fieldLimits.exceptions;
const maxDays = 366;

/** Whole days in the doctor's time zone, the last included. */
export type Absence = { readonly from: string; readonly to: string };

function daysOf({ from, to }: Absence): string[] {
  const first = Temporal.PlainDate.from(from);
  const days = first.until(to).days + 1;
  if (days < 1) throw invalidValue("to", "must not be before from");
  if (days > maxDays) throw invalidValue("to", `must be at most ${maxDays} days after from`);
  return Array.from({ length: days }, (_, index) => first.add({ days: index }).toString());
}

/** No visit is later, and PostgreSQL reads no year of five digits. */
const lastInstant = Date.UTC(9999, 11, 31);

/** From the first midnight to the last, and nothing of what is over. */
export function intervalOf({ from, to }: Absence, { timeZone }: Doctor, now: Date): Interval {
  const midnight = (date: Temporal.PlainDate) => date.toZonedDateTime(timeZone).epochMilliseconds;
  const end = midnight(Temporal.PlainDate.from(to).add({ days: 1 }));
  return { from: Math.max(midnight(Temporal.PlainDate.from(from)), now.getTime()), to: Math.min(end, lastInstant) };
}

/** The doctor works on none of the days, whatever the hours of the week or of the day were. */
export function addAbsence(absence: Absence, current: Doctor, now: Date): Decision<Doctor> | undefined {
  const days = daysOf(absence);
  if (intervalOf(absence, current, now).to <= now.getTime()) throw invalidValue("to", "must not be over already");
  const away = new Set(current.exceptions.filter(({ intervals }) => intervals.length === 0).map(({ date }) => date));
  if (days.every((day) => away.has(day))) return undefined;
  const others = current.exceptions.filter(({ date }) => !days.includes(date));
  const exceptions = [...others, ...days.map((date) => ({ date, intervals: [] }))];
  if (exceptions.length > maxExceptions) {
    throw invalidValue("to", `the doctor would have more than ${maxExceptions} days with other hours`);
  }
  return doctorChanged({ ...current, exceptions }, current.version, now);
}
