import { Ajv } from "ajv";
import addFormats from "ajv-formats";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROOT } from "./support/project.ts";

interface Formats {
  [check: string]: (value: string) => boolean;
}

const ajv = new Ajv();
addFormats.default(ajv);

/** Values that the services and Ajv must judge alike, valid or not. */
const AGREED: Record<string, { check: string; values: string[] }> = {
  date: {
    check: "isDate",
    values: [
      "2026-11-23",
      "2028-02-29",
      "2026-02-29",
      "1900-02-29",
      "2000-02-29",
      "2026-02-31",
      "2026-13-01",
      "2026-00-01",
    ]
      .concat(["2026-01-00", "26-01-01", "2026-1-1", "2026-11-23T00:00:00Z", " 2026-11-23", "0000-01-01", ""]),
  },
  "date-time": {
    check: "isDateTime",
    values: ["2026-11-23T08:00:00Z", "2026-11-23t08:00:00z", "2026-11-23T08:00:00.1+01:00", "2026-11-23T08:00:00-23:59"]
      .concat([
        "2026-11-23T08:00:00",
        "2026-02-31T08:00:00Z",
        "2026-11-23T24:00:00Z",
        "2026-11-23T08:60:00Z",
        "2026-11-23",
      ])
      .concat([
        "2026-11-23T08:00Z",
        "2026-11-23T08:00:00+24:00",
        "2026-11-23T08:00:61Z",
        "2026-11-23T08:00:00.Z",
        "x",
        "",
      ]),
  },
  uuid: {
    check: "isUuid",
    values: ["0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11", "0197F3A2-6D1C-7B3E-9F00-0C5D2A7E4B11", "0197f3a2", "{x}", ""]
      .concat(["00000000-0000-0000-0000-000000000000", "0197f3a26d1c7b3e9f000c5d2a7e4b11"]),
  },
  email: {
    check: "isEmail",
    values: [
      "ada@example.org",
      "a.b+c@sub.example.org",
      "o'hara@example.org",
      "ADA@EXAMPLE.ORG",
      "ada@xn--bcher-kva.example",
    ]
      .concat([
        "ada",
        "ada@localhost",
        "@example.org",
        "ada@example..org",
        "a..b@example.org",
        "ada@-a.org",
        "ä@b.de",
        "",
      ]),
  },
};

/** What Ajv lets through and the services must not: other parts of the system could not read it. */
const STRICTER: [check: string, format: string, value: string][] = [
  ["isDateTime", "date-time", "2026-12-31T23:59:60Z"],
  ["isDateTime", "date-time", "2026-11-23 08:00:00Z"],
  ["isDateTime", "date-time", "2026-11-23T08:00:00.0000000000Z"],
  ["isDateTime", "date-time", "2026-11-23T08:00:00+0100"],
  ["isUuid", "uuid", "urn:uuid:0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11"],
  ["isEmail", "email", `${"a".repeat(65)}@example.org`],
  ["isEmail", "email", `ada@${"b".repeat(64)}.example`],
];

describe.each(["producer", "consumer"])("the formats of the %s", async (service) => {
  const formats: Formats = await import(join(ROOT, service, "src/formats.ts"));

  it.each(Object.entries(AGREED))("agree with ajv-formats on %s", (format, { check, values }) => {
    const judge = (valid: (value: string) => boolean) => values.map((value) => [value, valid(value)]);
    const byAjv = judge((value) => ajv.validate({ type: "string", format }, value));
    expect(judge((value) => formats[check]?.(value) ?? false)).toEqual(byAjv);
    expect(new Set(byAjv.map(([, valid]) => valid))).toEqual(new Set([true, false]));
  });

  it.each(STRICTER)("%s refuses what ajv's %s accepts: %s", (check, format, value) => {
    expect(ajv.validate({ type: "string", format }, value)).toBe(true);
    expect(formats[check]?.(value)).toBe(false);
  });
});

it("both services have the same copy, each its own", () => {
  const read = (service: string) => readFileSync(join(ROOT, service, "src/formats.ts"), "utf8");
  expect(read("producer")).toBe(read("consumer"));
});
