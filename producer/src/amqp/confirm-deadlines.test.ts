import { expect, test } from "vitest";
import { createDeadlines } from "./confirm-deadlines.ts";

test("whoever is not answered in time expires, in the order in which they began, and nobody else", async () => {
  const deadlines = createDeadlines(30);
  const expired: number[] = [];
  const answered = [0, 1, 2, 3].map((n) => deadlines.start(() => expired.push(n)));
  answered[1]!();
  await expect.poll(() => expired, { timeout: 30_000 }).toEqual([0, 2, 3]);

  const later = deadlines.start(() => expired.push(4));
  later();
  deadlines.start(() => expired.push(5));
  await expect.poll(() => expired, { timeout: 30_000 }).toEqual([0, 2, 3, 5]);
});
