import type { Sql } from "postgres";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { lookEveryMs } from "../postgres/agenda.ts";
import { dueWork } from "./due-work.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** How often the worker was woken, after being told and after some time. */
function wokenAfter(seconds: (number | null | undefined)[], ms: number): [number, number] {
  let woken = 0;
  const item = dueWork({ dueIn: (sql: Sql) => sql`select 0`, wake: () => void woken++ });
  for (const one of seconds) item.told(one);
  const atOnce = woken;
  vi.advanceTimersByTime(ms);
  return [atOnce, woken];
}

test.each([
  ["nothing to do", [null], [0, 0]],
  ["something due", [0], [1, 1]],
  ["something overdue", [-12], [1, 1]],
  ["nobody knows", [undefined], [1, 1]],
  ["due before the next look", [0.4], [0, 1]],
  ["due when the next look is", [lookEveryMs / 1_000], [0, 1]],
  ["due much later: it is told again by then", [3_600], [0, 0]],
  ["put off meanwhile", [0.4, 3_600], [0, 0]],
  ["done meanwhile", [0.4, null], [0, 0]],
  ["told twice, woken once", [0.4, 0.3], [0, 1]],
])("%s", (_, seconds, expected) => {
  expect(wokenAfter(seconds, 1_100)).toEqual(expected);
});

test("a worker is not woken before its work is due", () => {
  expect(wokenAfter([0.4], 400)).toEqual([0, 0]);
});
