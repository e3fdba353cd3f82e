import fc from "fast-check";
import { arrayAt, canonical, isObject, type Json, type JsonObject, objectAt } from "../json.ts";
import { compile } from "../schema-validator.ts";

/** Values at the edges of what the formats allow; without what the services' own checks refuse besides. */
const FORMATS: Record<string, string[]> = {
  "date-time": [
    "2026-11-23T08:01:00Z",
    "2026-11-23T08:01:00.000Z",
    "2026-11-23t08:01:00z",
    "2026-12-01T10:00:00+01:00",
    "2026-12-01T10:00:00.123456-09:30",
    "2026-12-01T10:00:00.123456789Z",
    "2026-12-01T10:00:00.000000000+01:00",
    "2028-02-29T23:59:59.9Z",
  ],
  date: ["2026-11-23", "2028-02-29", "1999-12-31"],
  uuid: [
    "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
    "0197F3A2-6D1C-4B3E-8F00-0C5D2A7E4B11",
    "00000000-0000-0000-0000-000000000000",
  ],
  email: ["ada@example.org", "ADA.L+x@sub.example.org", "o'hara@example.museum"],
};

const known = new Map<string, Json[]>();

/** Values that a schema allows, chosen at its edges and by a fixed seed: the same on every run. */
export function samples(schema: JsonObject): Json[] {
  const key = canonical(schema);
  const isValid = compile(schema);
  const valid = known.get(key) ?? candidates(schema).filter((value) => isValid(value));
  known.set(key, valid);
  return valid;
}

function candidates(schema: JsonObject): Json[] {
  if (schema.const !== undefined) return [schema.const];
  if (Array.isArray(schema.enum)) return schema.enum;
  const byType: Record<string, () => Json[]> = {
    string: () => strings(schema),
    integer: () => numbers(schema),
    number: () => [...numbers(schema), 0.5, 1.25],
    boolean: () => [true, false],
    array: () => lists(schema),
    object: () => [smallest(schema)],
    null: () => [null],
  };
  return [schema.type ?? null].flat().flatMap((type) => byType[String(type)]?.() ?? []);
}

function strings({ format, pattern, minLength, maxLength }: JsonObject): string[] {
  if (typeof format === "string") return FORMATS[format] ?? [];
  if (typeof pattern === "string") return fc.sample(fc.stringMatching(new RegExp(pattern)), { seed: 1, numRuns: 100 });
  const shortest = typeof minLength === "number" ? minLength : 0;
  const longest = typeof maxLength === "number" ? maxLength : shortest + 300;
  return ["a".repeat(shortest), "Z9 -_/.", "with space", "ümläut", "😀".repeat(shortest), "x".repeat(longest)];
}

function numbers({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: JsonObject): number[] {
  const edges = [minimum, maximum, exclusiveMinimum, exclusiveMaximum].filter((edge) => typeof edge === "number");
  return [
    -1,
    0,
    1,
    2,
    7,
    45,
    1000,
    2147483647,
    ...edges,
    ...edges.map((edge) => edge + 1),
    ...edges.map((edge) => edge - 1),
  ];
}

function lists({ items, minItems, maxItems }: JsonObject): Json[][] {
  const item = isObject(items) ? samples(items)[0] ?? {} : null;
  const lengths = [0, 1, 2, minItems, maxItems].filter((length) => typeof length === "number");
  return lengths.map((length) => Array.from({ length }, () => item));
}

function smallest(schema: JsonObject): JsonObject {
  const required = arrayAt(schema, "required").map(String);
  return Object.fromEntries(required.map((key) => [key, samples(objectAt(schema, "properties", key))[0] ?? null]));
}
