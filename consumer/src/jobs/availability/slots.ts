import { type DoctorHours, joined, type Period, workingPeriods } from "./working-periods.ts";

/**
 * The slots that begin in `range`, in which the doctor works and is not busy: back to back from the start of each
 * working period, so that the range does not decide which slots there are. The last of them may run on into periods that
 * follow without a gap. The producer offers the same.
 */
export function freeSlots(hours: DoctorHours, busy: Period[], range: Period, durationMinutes: number): Period[] {
  const length = durationMinutes * 60_000;
  const periods = workingPeriods(hours, { start: range.start, end: range.end + length });
  const whole = joined(periods);
  const slots: Period[] = [];
  for (const working of periods) {
    const end = whole.find((period) => period.end >= working.end)?.end ?? working.end;
    for (let start = working.start; start < working.end && start + length <= end; start += length) {
      const slot = { start, end: start + length };
      const within = range.start <= slot.start && slot.start < range.end;
      if (within && !busy.some((visit) => visit.start < slot.end && visit.end > slot.start)) slots.push(slot);
    }
  }
  return slots;
}
