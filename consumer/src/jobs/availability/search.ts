import type { AvailabilityReader } from "./availability-reader.ts";
import { freeSlots } from "./slots.ts";
import type { Period } from "./working-periods.ts";

/** The free slots of a doctor that begin in the range and after now; undefined for a doctor of whom nothing was told. */
export async function findFreeSlots(
  reader: AvailabilityReader,
  doctorId: string,
  range: Period,
  durationMinutes: number,
  now: Date,
): Promise<{ timeZone: string; slots: Period[] } | undefined> {
  const hours = await reader.findHours(doctorId);
  if (!hours) return undefined;
  const ahead = { start: Math.max(range.start, now.getTime() + 1), end: range.end };
  if (hours.retired || ahead.end <= ahead.start) return { timeZone: hours.timeZone, slots: [] };
  // The last slot may end after the range, where a visit can stand in its way.
  const busy = await reader.findBusy(doctorId, { start: ahead.start, end: ahead.end + durationMinutes * 60_000 });
  return { timeZone: hours.timeZone, slots: freeSlots(hours, busy, ahead, durationMinutes) };
}
