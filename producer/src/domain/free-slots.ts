import { type Interval, joined } from "./working-time.ts";

/** How slots are cut out of the free time: a start every `stepMinutes`, and that much time from it. */
export type Grid = { readonly durationMinutes: number; readonly stepMinutes: number };

/**
 * What begins inside the range, fits and meets no visit. The grid begins anew with each working interval, so that the
 * range does not decide which slots there are; a slot may run on into intervals that follow without a gap, as a booking
 * may. Working time and visits come in order, and no visit overlaps another, so that one walk along them is enough.
 */
export function freeSlots(
  working: readonly Interval[],
  busy: readonly Interval[],
  range: Interval,
  { durationMinutes, stepMinutes }: Grid,
): Interval[] {
  const length = durationMinutes * 60_000;
  const step = stepMinutes * 60_000;
  const whole = joined(working);
  const slots: Interval[] = [];
  let visits = 0;
  let parts = 0;
  for (const { from: start, to: end } of working) {
    while ((whole[parts]?.to ?? Infinity) < end) parts++;
    const last = (whole[parts]?.to ?? end) - length;
    const skipped = Math.max(0, Math.ceil((range.from - start) / step));
    for (let from = start + skipped * step; from < end && from <= last && from < range.to; from += step) {
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
