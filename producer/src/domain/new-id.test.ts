import { expect, test } from "vitest";
import { newId } from "./new-id.ts";

test("an id is a UUID of version 7 and carries its time", () => {
  const id = newId(new Date("2026-11-23T08:00:00.000Z"));
  expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(Date.parse("2026-11-23T08:00:00.000Z"));
});

test("two ids of one millisecond differ", () => {
  const now = new Date();
  expect(newId(now)).not.toBe(newId(now));
});
