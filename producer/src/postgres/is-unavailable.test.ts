import { expect, test } from "vitest";
import { isUnavailable } from "./is-unavailable.ts";

const coded = (code: string) => Object.assign(new Error(), { code });

const passing = [
  "ECONNREFUSED",
  "CONNECTION_CLOSED",
  "57P01",
  "57P03",
  "57014",
  "53100",
  "53300",
  "58030",
  "25006",
  "08006",
];

test.each(passing)("%s passes", (code) => {
  expect(isUnavailable(coded(code))).toBe(true);
});

test.each(["23505", "22P02", "42601", "ERR_ASSERTION", "57"])("%s does not", (code) => {
  expect(isUnavailable(coded(code))).toBe(false);
});

test("an error without a code is no word of the database", () => {
  expect(isUnavailable(new Error("ECONNREFUSED"))).toBe(false);
});
