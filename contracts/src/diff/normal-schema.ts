import { arrayAt, canonical, isObject, type Json, type JsonObject, objectAt, sameJson } from "../json.ts";
import { allowsEverything, schemaOf } from "./boolean-schema.ts";

/**
 * A schema in the one way in which it is compared, so that another way to say the same is no change: combinations of
 * one part taken apart, enumerations typed, what says nothing left out. Only this level: what is inside comes later.
 */
export function normalSchema(schema: JsonObject): JsonObject {
  const whole = typed(combined(schema));
  return Object.fromEntries(
    Object.entries({ ...whole, ...propertiesOf(whole) }).filter(([keyword, value]) =>
      !saysNothing(keyword, value) && appliesTo(keyword, whole.type)
    ),
  );
}

/** Every field that is required is a field, though nothing else may be said of it. */
function propertiesOf(schema: JsonObject): JsonObject {
  const bare = arrayAt(schema, "required").map(String).filter((key) =>
    objectAt(schema, "properties")[key] === undefined
  );
  if (bare.length === 0) return {};
  return { properties: { ...objectAt(schema, "properties"), ...Object.fromEntries(bare.map((key) => [key, true])) } };
}

function combined(schema: JsonObject): JsonObject {
  const { allOf, ...own } = choices(schema);
  if (!Array.isArray(allOf)) return own;
  const parts = allOf.map((part) => combined(schemaOf(part)));
  return parts.reduce<JsonObject | undefined>((whole, part) => whole && merged(whole, part), own) ?? choices(schema);
}

/** A choice of one is none, a choice of values is an enumeration, and a choice has no order. */
function choices(schema: JsonObject): JsonObject {
  return ["anyOf", "oneOf"].reduce((whole, keyword) => {
    const { [keyword]: parts, ...rest } = whole;
    if (!Array.isArray(parts)) return whole;
    if (parts.length === 1) return { ...rest, allOf: [...arrayAt(rest, "allOf"), ...parts] };
    const values = parts.map((part) => isObject(part) && Object.keys(part).join() === "const" ? part.const : undefined);
    if (rest.enum === undefined && values.every((value) => value !== undefined)) return { ...rest, enum: values };
    return { ...rest, [keyword]: parts.toSorted((a, b) => canonical(a) < canonical(b) ? -1 : 1) };
  }, schema);
}

const ANNOTATION = /^(title|description|examples|\$comment|\$id)$/;

/** Both at once in one schema; undefined where that takes more than writing them together. */
function merged(one: JsonObject, other: JsonObject): JsonObject | undefined {
  if ([one, other].some(({ additionalProperties }) => !allowsEverything(additionalProperties))) return undefined;
  const whole: JsonObject = { ...one };
  for (const [keyword, value] of Object.entries(other)) {
    const known = whole[keyword];
    if (known === undefined) whole[keyword] = value;
    else if (keyword === "required") whole.required = [...new Set([known, value].flat())];
    else if (keyword === "properties") whole.properties = both(objectAt(known), objectAt(value));
    else if (keyword === "allOf") whole.allOf = [known, value].flat();
    else if (!ANNOTATION.test(keyword) && !sameJson(known, value)) {
      const limit = tighter(keyword, known, value);
      if (limit === undefined) return undefined;
      whole[keyword] = limit;
    }
  }
  return whole;
}

function both(one: JsonObject, other: JsonObject): JsonObject {
  const shared = Object.keys(other).filter((key) => one[key] !== undefined)
    .map((key): [string, Json] => [key, { allOf: [one[key] ?? true, other[key] ?? true] }]);
  return { ...one, ...other, ...Object.fromEntries(shared) };
}

function tighter(keyword: string, one: Json, other: Json): number | undefined {
  if (typeof one !== "number" || typeof other !== "number") return undefined;
  if (/^(min|exclusiveMin)/.test(keyword)) return Math.max(one, other);
  return /^(max|exclusiveMax)/.test(keyword) ? Math.min(one, other) : undefined;
}

/** An enumeration of texts is of type string, whether or not it says so. */
function typed(schema: JsonObject): JsonObject {
  const values = schema.const !== undefined ? [schema.const] : schema.enum;
  if (!Array.isArray(values) || values.length === 0) return schema;
  const types = [...new Set(values.map(typeOf))].sort();
  const declared = schema.type === undefined ? types : [schema.type].flat();
  const covered = types.every((type) => declared.includes(type) || (type === "integer" && declared.includes("number")));
  return covered ? { ...schema, type: types.length === 1 ? types[0] as string : types } : schema;
}

function typeOf(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  return Number.isInteger(value) ? "integer" : typeof value;
}

function saysNothing(keyword: string, value: Json): boolean {
  return (keyword === "deprecated" || keyword === "x-personal-data") && value === false;
}

const OF_TYPE: [RegExp, string[]][] = [
  [/^(minLength|maxLength|pattern|format)$/, ["string"]],
  [/^(minimum|maximum|exclusiveMinimum|exclusiveMaximum|multipleOf)$/, ["integer", "number"]],
  [/^(minItems|maxItems|uniqueItems|items)$/, ["array"]],
  [/^(properties|required|additionalProperties|minProperties|maxProperties)$/, ["object"]],
];

/** A limit of another type than the values have limits nothing. */
function appliesTo(keyword: string, type: Json | undefined): boolean {
  const types = OF_TYPE.find(([keywords]) => keywords.test(keyword))?.[1];
  return types === undefined || type === undefined || [type].flat().some((one) => types.includes(String(one)));
}
