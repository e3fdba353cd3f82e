import { arrayAt, isObject, type Json, type JsonObject, objectAt, type Path, sameJson } from "../json.ts";
import { type Difference, limitDifferences } from "./limits.ts";

/** A difference with its place: `payload.workingHours[*].start`, and in the schema. */
export interface SchemaDifference extends Difference {
  field: string;
  path: Path;
  /** An optional field that came or went. */
  optionalField?: "added" | "removed";
}

/** Keywords that say nothing about which messages are valid. */
const ANNOTATIONS = /^(title|description|examples|default|deprecated|\$id|x-.*)$/;
const UNDERSTOOD =
  /^(type|const|enum|format|pattern|multipleOf|uniqueItems|items|properties|required|additionalProperties|(exclusive)?(Min|Max|min|max)imum|(min|max)(Length|Items|Properties))$/;

/** How the values that a schema allows changed, place by place. Both without references. */
export function schemaDifferences(
  before: JsonObject,
  after: JsonObject,
  field = "",
  path: Path = [],
): SchemaDifference[] {
  const here = [
    ...typeDifferences(before, after),
    ...valueDifferences(before, after),
    ...conditionDifferences(before, after),
    ...limitDifferences(before, after),
    ...closedDifferences(before, after),
    ...otherDifferences(before, after),
  ].map((difference) => ({ ...difference, field, path: [...path, difference.keyword] }));
  return [...here, ...propertyDifferences(before, after, field, path), ...itemDifferences(before, after, field, path)];
}

function typeDifferences(before: JsonObject, after: JsonObject): Difference[] {
  const [old, now] = [typesOf(before), typesOf(after)];
  const gained = now.filter((type) => !covers(old, type));
  const lost = old.filter((type) => !covers(now, type));
  if (gained.length + lost.length === 0) return [];
  const says = gained.join() === "null" && lost.length === 0
    ? "may now be null"
    : lost.join() === "null" && gained.length === 0
    ? "may no longer be null"
    : `type ${old.join(" or ") || "any"} → ${now.join(" or ") || "any"}`;
  return [{ keyword: "type", says, widens: gained.length > 0, narrows: lost.length > 0 }];
}

const ALL_TYPES = ["string", "number", "integer", "boolean", "array", "object", "null"];

function typesOf({ type }: JsonObject): string[] {
  return type === undefined ? ALL_TYPES : [type].flat().map(String);
}

function covers(types: string[], type: string): boolean {
  return types.includes(type) || (type === "integer" && types.includes("number"));
}

function valueDifferences(before: JsonObject, after: JsonObject): Difference[] {
  const [old, now] = [valuesOf(before), valuesOf(after)];
  if (old === undefined && now === undefined) return [];
  const keyword = after.const === undefined && (after.enum !== undefined || before.enum !== undefined)
    ? "enum"
    : "const";
  if (old === undefined) return [{ keyword, says: `only ${list(now)} from now on`, widens: false, narrows: true }];
  if (now === undefined) return [{ keyword, says: `no longer only ${list(old)}`, widens: true, narrows: false }];
  const added = now.filter((value) => !old.some((other) => sameJson(value, other)));
  const removed = old.filter((value) => !now.some((other) => sameJson(value, other)));
  if (added.length + removed.length === 0) return [];
  const says = [
    added.length > 0 ? `may now be ${list(added)}` : "",
    removed.length > 0 ? `no longer ${list(removed)}` : "",
  ];
  return [{ keyword, says: says.filter(Boolean).join(", "), widens: added.length > 0, narrows: removed.length > 0 }];
}

function valuesOf({ const: only, enum: values }: JsonObject): Json[] | undefined {
  return only !== undefined ? [only] : Array.isArray(values) ? values : undefined;
}

function list(values: Json[] = []): string {
  return values.map((value) => JSON.stringify(value)).join(", ");
}

/** Conditions that nothing is known about but whether they are the same. */
function conditionDifferences(before: JsonObject, after: JsonObject): Difference[] {
  return ["format", "pattern", "multipleOf", "uniqueItems"].flatMap((keyword) => {
    const [old, now] = [before[keyword], after[keyword]].map((value) => value === false ? undefined : value);
    if (sameJson(old, now)) return [];
    const says = `${keyword} ${JSON.stringify(old) ?? "none"} → ${JSON.stringify(now) ?? "none"}`;
    return [{ keyword, says, widens: old !== undefined, narrows: now !== undefined }];
  });
}

/** A strict writer sends nothing undeclared: whether readers may refuse it matters when a field comes or goes. */
function closedDifferences(before: JsonObject, after: JsonObject): Difference[] {
  const [old, now] = [before, after].map((schema) => schema.additionalProperties ?? true);
  if (sameJson(old, now)) return [];
  const keyword = "additionalProperties";
  if ([old, now].every((value) => typeof value === "boolean")) {
    return [{ keyword, says: `is ${now ? "open" : "closed"} to undeclared fields`, widens: false, narrows: false }];
  }
  return [{ keyword, says: "treats undeclared fields differently", widens: true, narrows: true }];
}

function otherDifferences(before: JsonObject, after: JsonObject): Difference[] {
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keywords].filter((keyword) => !UNDERSTOOD.test(keyword) && !ANNOTATIONS.test(keyword))
    .filter((keyword) => !sameJson(before[keyword], after[keyword]))
    .map((keyword) => ({ keyword, says: `${keyword} changed, which is not understood`, widens: true, narrows: true }));
}

function itemDifferences(before: JsonObject, after: JsonObject, field: string, path: Path): SchemaDifference[] {
  if (before.items === undefined && after.items === undefined) return [];
  return schemaDifferences(objectAt(before, "items"), objectAt(after, "items"), `${field}[*]`, [...path, "items"]);
}

function propertyDifferences(before: JsonObject, after: JsonObject, parent: string, path: Path): SchemaDifference[] {
  const [old, now] = [objectAt(before, "properties"), objectAt(after, "properties")];
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((key) => {
    const place = {
      field: parent === "" ? key : `${parent}.${key}`,
      path: [...path, "properties", key],
      keyword: "required",
    };
    const [was, is] = [before, after].map((schema) => arrayAt(schema, "required").includes(key));
    if (old[key] === undefined) return [appeared(is === true, before.additionalProperties === false, place)];
    if (now[key] === undefined) return [disappeared(was === true, after.additionalProperties === false, place)];
    const required = was === is
      ? []
      : [{ ...place, says: is ? "now required" : "no longer required", widens: !is, narrows: is === true }];
    return [...required, ...inside(old[key], now[key], place)];
  });
}

function inside(before: Json, after: Json, { field, path }: { field: string; path: Path }): SchemaDifference[] {
  return isObject(before) && isObject(after) ? schemaDifferences(before, after, field, path) : [];
}

interface FieldPlace {
  field: string;
  path: Path;
  keyword: string;
}

/** A new field is missing from queued messages, and unheard of for readers that refuse what they do not know. */
function appeared(required: boolean, refused: boolean, place: FieldPlace): SchemaDifference {
  const says = `added, ${required ? "required" : "optional"}`;
  return { ...place, says, widens: refused, narrows: required, ...(required ? {} : { optionalField: "added" }) };
}

/** A field that goes is missed by old readers, and still in queued messages. */
function disappeared(required: boolean, refused: boolean, place: FieldPlace): SchemaDifference {
  const says = `removed, was ${required ? "required" : "optional"}`;
  return { ...place, says, widens: required, narrows: refused, ...(required ? {} : { optionalField: "removed" }) };
}
