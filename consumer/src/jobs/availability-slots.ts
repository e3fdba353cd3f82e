import { type DoctorHours, type Period, workingPeriods } from "./availability-working-periods.ts";

/**
 * The slots within `range` in which the doctor works and is not busy. They begin where the day's work begins and
 * follow one another without a break, so that the range does not decide which slots there are.
 */
export function freeSlots(hours: DoctorHours, busy: Period[], range: Period, durationMinutes: number): Period[] {
  const length = durationMinutes * 60_000;
  const slots: Period[] = [];
  for (const working of workingPeriods(hours, range)) {
    for (let start = working.start; start + length <= working.end; start += length) {
      const slot = { start, end: start + length };
      const within = slot.start >= range.start && slot.end <= range.end;
      if (within && !busy.some((visit) => visit.start < slot.end && visit.end > slot.start)) slots.push(slot);
    }
  }
  return slots;
}
