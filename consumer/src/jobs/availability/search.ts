import type { AvailabilityReader } from "./availability-reader.ts";
import { freeSlots } from "./slots.ts";
import type { Period } from "./working-periods.ts";

/** The free slots of a doctor that begin in the range; undefined for a doctor of whom nothing was told. */
export async function findFreeSlots(
  reader: AvailabilityReader,
  doctorId: string,
  range: Period,
  durationMinutes: number,
): Promise<{ timeZone: string; slots: Period[] } | undefined> {
  const hours = await reader.findHours(doctorId);
  if (!hours) return undefined;
  // The last slot may end after the range, where a visit can stand in its way.
  const busy = await reader.findBusy(doctorId, { start: range.start, end: range.end + durationMinutes * 60_000 });
  return { timeZone: hours.timeZone, slots: freeSlots(hours, busy, range, durationMinutes) };
}
