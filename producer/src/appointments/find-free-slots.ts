import type { Doctor } from "../domain/doctor.ts";
import { freeSlots } from "../domain/free-slots.ts";
import { type Interval, workingTime } from "../domain/working-time.ts";
import { selectBusyTimes } from "./busy-times.ts";
import type { SqlOrTx } from "../postgres/database.ts";

/**
 * The doctor's free slots that begin in the range; they may end after it, so visits beyond it count too. What the visit
 * `moving` takes is as good as free.
 */
export async function findFreeSlots(
  sql: SqlOrTx,
  doctor: Doctor,
  range: Interval,
  durationMinutes: number,
  moving?: string,
): Promise<Interval[]> {
  if (range.to <= range.from) return [];
  const guarded = { from: range.from, to: range.to + durationMinutes * 60_000 };
  const busy = await selectBusyTimes(sql, doctor.id, guarded, moving);
  return freeSlots(workingTime(doctor, range), busy, range, durationMinutes);
}
