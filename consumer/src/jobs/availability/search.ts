import { setImmediate as turn } from "node:timers/promises";
import type { AvailabilityReader } from "./availability-reader.ts";
import { freeSlots } from "./slots.ts";
import type { Period } from "./working-periods.ts";

/** What is computed at a time, so that the jobs' messages wait for no more: at most 288 slots of five minutes. */
const sliceMs = 24 * 60 * 60_000;

export interface FreeSlots {
  timeZone: string;
  slots: Period[];
  /** The first slot beyond the limit begins then or later; undefined where the range ended first. */
  next: number | undefined;
}

/**
 * The first free slots of a doctor that begin in the range and after now; undefined for a doctor of whom nothing was told.
 * One day after another, with a turn for others in between, as far as the limit needs.
 */
export async function findFreeSlots(
  reader: AvailabilityReader,
  doctorId: string,
  range: Period,
  durationMinutes: number,
  { now, limit = Infinity }: { now: Date; limit?: number },
): Promise<FreeSlots | undefined> {
  const hours = await reader.findHours(doctorId);
  if (!hours) return undefined;
  const { timeZone, retired } = hours;
  const found: Period[] = [];
  let start = Math.max(range.start, now.getTime() + 1);
  while (!retired && start < range.end && found.length <= limit) {
    const slice = { start, end: Math.min(start + sliceMs, range.end) };
    // The last slot may end after the slice, where a visit can stand in its way.
    const busy = await reader.findBusy(doctorId, { start, end: slice.end + durationMinutes * 60_000 });
    found.push(...freeSlots(hours, busy, slice, durationMinutes));
    start = slice.end;
    await turn();
  }
  return { timeZone, slots: found.slice(0, limit), next: found[limit]?.start };
}
