import { arrayAt, type Json, type JsonObject, objectAt, type Path, sameJson } from "../json.ts";
import { annotationDifferences, isAnnotation } from "./annotations.ts";
import { allowsEverything, allowsNothing, schemaOf } from "./boolean-schema.ts";
import { type Difference, limitDifferences } from "./limits.ts";
import { normalSchema } from "./normal-schema.ts";
import { forbiddenDifferences, typeDifferences, valueDifferences } from "./value-differences.ts";

/** A difference with its place: `payload.workingHours[*].start`, and in the schema. */
export interface SchemaDifference extends Difference {
  field: string;
  path: Path;
}

const UNDERSTOOD =
  /^(type|const|enum|format|pattern|multipleOf|uniqueItems|items|properties|required|additionalProperties|(exclusive)?(Min|Max|min|max)imum|(min|max)(Length|Items|Properties))$/;

/** How the values that a schema allows changed, place by place. Both without references. */
export function schemaDifferences(
  old: JsonObject,
  now: JsonObject,
  field = "",
  path: Path = [],
): SchemaDifference[] {
  const [before, after] = [normalSchema(old), normalSchema(now)];
  if (allowsNothing(before) || allowsNothing(after)) {
    return forbiddenDifferences(before, after).map((difference) => ({ ...difference, field, path }));
  }
  const here = [
    ...typeDifferences(before, after),
    ...valueDifferences(before, after),
    ...conditionDifferences(before, after),
    ...limitDifferences(before, after),
    ...closedDifferences(before, after),
    ...annotationDifferences(before, after),
    ...otherDifferences(before, after),
  ].map((difference) => ({ ...difference, field, path: [...path, difference.keyword] }));
  return [...here, ...propertyDifferences(before, after, field, path), ...itemDifferences(before, after, field, path)];
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
  const [old, now] = [before, after].map((schema) => schemaOf(schema.additionalProperties));
  if (sameJson(old, now)) return [];
  const keyword = "additionalProperties";
  if ([old, now].every((schema = {}) => allowsEverything(schema) || allowsNothing(schema))) {
    const open = allowsEverything(now);
    const says = `is ${open ? "open" : "closed"} to undeclared fields`;
    return [{ keyword, says, widens: false, narrows: false, rule: "openness" }];
  }
  return [{ keyword, says: "treats undeclared fields differently", widens: true, narrows: true }];
}

function otherDifferences(before: JsonObject, after: JsonObject): Difference[] {
  const keywords = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keywords].filter((keyword) => !UNDERSTOOD.test(keyword) && !isAnnotation(keyword))
    .filter((keyword) => !sameJson(before[keyword], after[keyword]))
    .map((keyword) => ({ keyword, says: `${keyword} changed, which is not understood`, widens: true, narrows: true }));
}

function itemDifferences(before: JsonObject, after: JsonObject, field: string, path: Path): SchemaDifference[] {
  if (before.items === undefined && after.items === undefined) return [];
  const place = { field: `${field}[*]`, path: [...path, "items"] };
  if (Array.isArray(before.items) || Array.isArray(after.items)) {
    if (sameJson(before.items, after.items)) return [];
    const says = "items changed one by one, which is not understood";
    return [{ ...place, keyword: "items", says, widens: true, narrows: true }];
  }
  return inside(before.items, after.items, place);
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
    if (old[key] === undefined) return [appeared(is === true, !allowsEverything(before.additionalProperties), place)];
    if (now[key] === undefined) {
      return [disappeared(was === true, !allowsEverything(after.additionalProperties), place)];
    }
    const required = was === is
      ? []
      : [{ ...place, says: is ? "now required" : "no longer required", widens: !is, narrows: is === true }];
    return [...required, ...inside(old[key], now[key], place)];
  });
}

function inside(
  before: Json | undefined,
  after: Json | undefined,
  { field, path }: { field: string; path: Path },
): SchemaDifference[] {
  return schemaDifferences(schemaOf(before), schemaOf(after), field, path);
}

interface FieldPlace {
  field: string;
  path: Path;
  keyword: string;
}

/** A new field is missing from queued messages, and unheard of for readers that refuse what they do not know. */
function appeared(required: boolean, refused: boolean, place: FieldPlace): SchemaDifference {
  const says = `added, ${required ? "required" : "optional"}`;
  return { ...place, says, widens: refused, narrows: required, ...(required ? {} : { rule: "optionalField" }) };
}

/** A field that goes is missed by old readers, and still in queued messages. */
function disappeared(required: boolean, refused: boolean, place: FieldPlace): SchemaDifference {
  const says = `removed, was ${required ? "required" : "optional"}`;
  return { ...place, says, widens: required, narrows: refused, ...(required ? {} : { rule: "unreadField" }) };
}
