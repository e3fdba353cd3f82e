import { expect, test } from "vitest";
import { freeSlots, nearestSlots } from "./free-slots.ts";

const minute = 60_000;
const interval = (from: number, to: number) => ({ from: from * minute, to: to * minute });
const starts = (slots: { from: number }[]) => slots.map(({ from }) => from / minute);
const anyTime = interval(0, 10_000);
const halfHours = { durationMinutes: 30, stepMinutes: 30 };

test("a working interval is filled from its start, and the rest that is too short stays out", () => {
  expect(starts(freeSlots([interval(60, 170)], [], anyTime, halfHours))).toEqual([60, 90, 120]);
});

test("a visit takes away what it touches, and not what it only meets", () => {
  expect(starts(freeSlots([interval(0, 120)], [interval(30, 60)], anyTime, halfHours))).toEqual([0, 60, 90]);
  expect(starts(freeSlots([interval(0, 120)], [interval(29, 61)], anyTime, halfHours))).toEqual([90]);
});

test("only what begins in the range, on the same grid wherever the range begins", () => {
  expect(starts(freeSlots([interval(0, 120)], [], interval(31, 90), halfHours))).toEqual([60]);
});

test("a slot runs on into the interval that follows without a gap, where the grid begins anew", () => {
  const hours = { durationMinutes: 60, stepMinutes: 60 };
  expect(starts(freeSlots([interval(0, 90), interval(90, 180)], [], anyTime, hours))).toEqual([0, 60, 90]);
  expect(starts(freeSlots([interval(0, 90), interval(95, 180)], [], anyTime, hours))).toEqual([0, 95]);
  expect(starts(freeSlots([interval(0, 90), interval(90, 180)], [interval(90, 95)], anyTime, hours))).toEqual([0]);
});

test("the grid may be finer than a visit is long, and coarser", () => {
  const finer = { durationMinutes: 30, stepMinutes: 15 };
  expect(starts(freeSlots([interval(0, 75)], [], anyTime, finer))).toEqual([0, 15, 30, 45]);
  expect(starts(freeSlots([interval(0, 120)], [interval(30, 40)], anyTime, finer))).toEqual([0, 45, 60, 75, 90]);
  const coarser = { durationMinutes: 20, stepMinutes: 60 };
  expect(starts(freeSlots([interval(0, 150)], [], anyTime, coarser))).toEqual([0, 60, 120]);
});

test("the nearest come first, before or after", () => {
  const slots = freeSlots([interval(0, 300)], [interval(90, 120)], anyTime, halfHours);
  expect(starts(nearestSlots(slots, 100 * minute, 3))).toEqual([120, 60, 150]);
});

test("a month of five-minute slots among thousands of visits is one walk along both", () => {
  const count = 9_000;
  const visits = Array.from({ length: count }, (_, n) => interval(10 * n, 10 * n + 5));
  let reads = 0;
  const counted = new Proxy(visits, {
    get(target, key, receiver) {
      reads++;
      return Reflect.get(target, key, receiver);
    },
  });
  const everything = interval(0, 10 * count);
  expect(freeSlots([everything], counted, everything, { durationMinutes: 5, stepMinutes: 5 })).toHaveLength(count);
  expect(reads).toBeLessThan(10 * count);
});
