import { expect, test } from "vitest";
import { percentile } from "./percentile.ts";

test("the 99th percentile of 1 to 100 is 99, the median of three the middle one", () => {
  expect(percentile(Array.from({ length: 100 }, (_, i) => 100 - i), 0.99)).toBe(99);
  expect(percentile([10, 9, 1], 0.5)).toBe(9);
});
