import fc, { type Arbitrary } from "fast-check";
import { arrayAt, at, entriesAt, type Json, type JsonObject, objectAt, textAt } from "../json.ts";

/** Fields whose schema can't say all that is demanded of them. */
const KNOWN_ONLY_IN_WORDS: Record<string, Arbitrary<Json>> = {
  timeZone: fc.constantFrom(...Intl.supportedValuesOf("timeZone")),
};

const LONGEST_LIST = 3;

/** None, or up to the nine digits that the contract allows. */
const fractions = fc.oneof(
  fc.constant(""),
  fc.stringMatching(/^\.[0-9]{1,9}$/),
  fc.constantFrom(".5", ".000000000", ".999999999"),
);

const FORMATS: Record<string, Arbitrary<string>> = {
  uuid: fc.uuid(),
  email: fc.stringMatching(/^[a-z0-9]{1,12}(\.[a-z0-9]{1,6})?@[a-z]{1,10}\.[a-z]{2,4}$/),
  date: instants().map((instant) => instant.toISOString().slice(0, 10)),
  "date-time": fc.tuple(instants(), fractions, fc.constantFrom("Z", "z", "+01:00", "-05:30"))
    .map(([instant, ...rest]) => instant.toISOString().slice(0, 19) + rest.join("")),
};

function instants(): Arbitrary<Date> {
  return fc.date({ min: new Date("2000-01-01"), max: new Date("2090-01-01"), noInvalidDate: true });
}

/** Values that a schema without references accepts. */
export function arbitrary(schema: JsonObject): Arbitrary<Json> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  switch (textAt(schema, "type")) {
    case "object":
      return object(schema);
    case "array":
      return list(schema);
    case "string":
      return text(schema);
    case "integer":
      return fc.integer({ min: Number(schema.minimum), max: Number(schema.maximum) });
    case "boolean":
      return fc.boolean();
    default:
      throw new Error(`can't generate from ${JSON.stringify(schema)}`);
  }
}

function list(schema: JsonObject): Arbitrary<Json> {
  const minLength = Number(schema.minItems ?? 0);
  const maxLength = Math.min(Number(schema.maxItems ?? LONGEST_LIST), Math.max(LONGEST_LIST, minLength));
  return fc.array(arbitrary(objectAt(schema, "items")), { minLength, maxLength });
}

function object(schema: JsonObject): Arbitrary<Json> {
  const fields = entriesAt(schema, "properties").map(([name, field]) => [
    name,
    KNOWN_ONLY_IN_WORDS[name] ?? arbitrary(field as JsonObject),
  ]);
  const requiredKeys = arrayAt(schema, "required").map(String);
  const least = Number(at(schema, "minProperties") ?? 0);
  return fc.record<Record<string, Json>>(Object.fromEntries(fields), { requiredKeys })
    .filter((value) => Object.keys(value).length >= least);
}

function text(schema: JsonObject): Arbitrary<string> {
  const format = FORMATS[textAt(schema, "format")];
  if (format) return format;
  const maxLength = Number(schema.maxLength ?? 100);
  if (schema.pattern !== undefined) {
    return fc.stringMatching(new RegExp(textAt(schema, "pattern"))).filter((value) => value.length <= maxLength);
  }
  // Any character but NUL, which PostgreSQL keeps in no text: the consumer gives such a message up after its retries.
  return fc.string({ unit: "binary", minLength: Number(schema.minLength ?? 0), maxLength })
    .filter((value) => !value.includes("\0"));
}
