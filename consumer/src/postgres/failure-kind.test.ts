import { expect, test } from "vitest";
import {
  isConcurrencyFailure,
  isConnectionLost,
  isUnavailable,
  isUnstorableText,
  isUnstorableValue,
} from "./failure-kind.ts";

const failure = (code: string) => Object.assign(new Error("x"), { code });

test.each(["08006", "57P01", "57P03", "CONNECTION_CLOSED", "ECONNRESET"])("%s is a lost connection", (code) => {
  expect(isConnectionLost(failure(code))).toBe(true);
  expect(isUnavailable(failure(code))).toBe(true);
});

test.each(["53100", "53300", "58030", "25006", "ECONNREFUSED", "CONNECT_TIMEOUT"])(
  "%s is the database's own trouble: full, or not the primary any more",
  (code) => {
    expect(isUnavailable(failure(code))).toBe(true);
    expect(isConnectionLost(failure(code))).toBe(false);
  },
);

test.each(["23505", "22P02", "57014", "42501", "53200"])("%s speaks of what was asked", (code) => {
  expect(isUnavailable(failure(code))).toBe(false);
  expect(isConcurrencyFailure(failure(code))).toBe(false);
});

test.each(["40P01", "40001"])("%s may succeed at once", (code) => {
  expect(isConcurrencyFailure(failure(code))).toBe(true);
});

test.each(["22008", "22003", "22P02", "22021"])("%s will be refused however often", (code) => {
  expect(isUnstorableValue(failure(code))).toBe(true);
});

test.each(["23505", "2200", "42P01"])("%s is not about the value alone", (code) => {
  expect(isUnstorableValue(failure(code))).toBe(false);
});

test.each([["22021", true], ["22P05", true], ["22008", false]])("%s is about a text: %s", (code, is) => {
  expect(isUnstorableText(failure(code))).toBe(is);
});
