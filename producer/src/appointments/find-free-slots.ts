import type { Doctor } from "../domain/doctor.ts";
import { freeSlots, type Grid } from "../domain/free-slots.ts";
import { type Interval, workingTime } from "../domain/working-time.ts";
import type { SqlOrTx } from "../postgres/database.ts";
import { selectBusyTimes } from "./busy-times.ts";

/** Which slots are wanted. What the visit `moving` takes is as good as free. */
export type SlotSearch = Grid & {
  readonly doctor: Doctor;
  readonly range: Interval;
  readonly now: Date;
  readonly moving?: string | undefined;
};

/**
 * The doctor's free slots that begin in the range, and after now, as a booking must. They may end after the range, so
 * work and visits beyond it count too.
 */
export async function findFreeSlots(sql: SqlOrTx, search: SlotSearch): Promise<Interval[]> {
  const { doctor, now, moving } = search;
  const range = { from: Math.max(search.range.from, now.getTime() + 1), to: search.range.to };
  if (doctor.retiredAt || range.to <= range.from) return [];
  const guarded = { from: range.from, to: range.to + search.durationMinutes * 60_000 };
  const busy = await selectBusyTimes(sql, doctor.id, guarded, moving);
  return freeSlots(workingTime(doctor, guarded), busy, range, search);
}
