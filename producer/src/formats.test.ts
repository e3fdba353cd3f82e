import { describe, expect, it } from "vitest";
import { isDate, isDateTime, isEmail, isUuid } from "./formats.ts";

const CASES: { check: (value: string) => boolean; accepts: string[]; refuses: string[] }[] = [
  {
    check: isDate,
    accepts: ["2026-11-23", "2028-02-29", "2000-02-29", "0000-02-29", "0099-12-31"],
    refuses: [
      "2026-02-29",
      "1900-02-29",
      "2026-02-31",
      "2026-04-31",
      "2026-13-01",
      "2026-00-10",
      "2026-01-00",
      "2026-1-1",
    ],
  },
  {
    check: isDateTime,
    accepts: [
      "2026-11-23T08:00:00Z",
      "2026-11-23t08:00:00z",
      "2026-11-23T08:00:00.123456+01:00",
      "2026-11-23T08:00:00.123456789Z",
      "2026-11-23T08:00:00.000000000-05:00",
      "2026-11-23T23:59:59-23:59",
      "2028-02-29T00:00:00-00:00",
    ],
    refuses: [
      "2026-11-23T08:00:00",
      "2026-11-23",
      "2026-11-23T08:00Z",
      "2026-02-31T08:00:00Z",
      "2026-11-23T24:00:00Z",
      "2026-11-23T08:60:00Z",
      "2026-12-31T23:59:60Z",
      "2026-11-23 08:00:00Z",
      "2026-11-23T08:00:00+0100",
      "2026-11-23T08:00:00+24:00",
      "2026-11-23T08:00:00Z ",
      "2026-11-23T08:00:00.Z",
      "2026-11-23T08:00:00.0000000000Z",
      `2026-11-23T08:00:00.${"0".repeat(60_000)}Z`,
      "garbage-not-a-date",
      "",
    ],
  },
  {
    check: isUuid,
    accepts: ["0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11", "0197F3A2-6D1C-7B3E-9F00-0C5D2A7E4B11"],
    refuses: ["0197f3a26d1c7b3e9f000c5d2a7e4b11", "urn:uuid:0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11", "x", ""],
  },
  {
    check: isEmail,
    accepts: ["ada@example.org", "a.b+c@sub.example.org", "o'hara@example.org"].concat([
      `${"a".repeat(64)}@example.org`,
      `a@${"b".repeat(63)}.example.org`,
      `a@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(63)}.${"e".repeat(60)}`,
      "ada@xn--bcher-kva.example",
    ]),
    refuses: [
      "ada",
      "ada@localhost",
      "@example.org",
      "ada@example..org",
      "a..b@example.org",
      "ada@-example.org",
      "a b@c.de",
      `${"a".repeat(65)}@example.org`,
      `${"a".repeat(32)}.${"a".repeat(32)}@example.org`,
      `a@${"b".repeat(64)}.example.org`,
      `a@${"b".repeat(63)}.${"c".repeat(63)}.${"d".repeat(63)}.${"e".repeat(61)}`,
      "ada@bücher.example",
      "ädä@example.org",
      "",
    ],
  },
];

describe.each(CASES)("$check.name", ({ check, accepts, refuses }) => {
  it.each(accepts)("accepts %j", (value) => expect(check(value)).toBe(true));
  it.each(refuses)("refuses %.100j", (value) => expect(check(value)).toBe(false));

  it("accepts no date that Date cannot read", () => {
    if (check === isDate || check === isDateTime) {
      for (const value of accepts) expect(Date.parse(value)).not.toBeNaN();
    }
  });
});
