import { type DoctorHours, type Period, workingPeriods } from "./working-periods.ts";

/**
 * The slots that begin in `range`, in which the doctor works and is not busy: back to back from the start of each
 * working period, so that the range does not decide which slots there are. The producer offers the same.
 */
export function freeSlots(hours: DoctorHours, busy: Period[], range: Period, durationMinutes: number): Period[] {
  const length = durationMinutes * 60_000;
  const slots: Period[] = [];
  for (const working of workingPeriods(hours, range)) {
    for (let start = working.start; start + length <= working.end; start += length) {
      const slot = { start, end: start + length };
      const within = range.start <= slot.start && slot.start < range.end;
      if (within && !busy.some((visit) => visit.start < slot.end && visit.end > slot.start)) slots.push(slot);
    }
  }
  return slots;
}
