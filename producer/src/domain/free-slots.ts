import type { Interval } from "./working-time.ts";

/**
 * Back to back from the start of each working interval: what fits, begins inside the range and meets no visit. Working
 * time and visits come in order, and no visit overlaps another, so that one walk along both is enough.
 */
export function freeSlots(
  working: readonly Interval[],
  busy: readonly Interval[],
  range: Interval,
  durationMinutes: number,
): Interval[] {
  const length = durationMinutes * 60_000;
  const slots: Interval[] = [];
  let visits = 0;
  for (const { from: start, to: end } of working) {
    const skipped = Math.max(0, Math.ceil((range.from - start) / length));
    for (let from = start + skipped * length; from + length <= end && from < range.to; from += length) {
      const slot = { from, to: from + length };
      while ((busy[visits]?.to ?? Infinity) <= from) visits++;
      if ((busy[visits]?.from ?? Infinity) >= slot.to) slots.push(slot);
    }
  }
  return slots;
}

/** The slots whose start is nearest to the wanted one, the nearest first. */
export function nearestSlots(slots: readonly Interval[], wanted: number, count: number): Interval[] {
  return [...slots].sort((a, b) => Math.abs(a.from - wanted) - Math.abs(b.from - wanted)).slice(0, count);
}
