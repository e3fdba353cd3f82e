import { isObject, type Json, type JsonObject, sameJson } from "../json.ts";

/** A schema as an object: `true` allows every value, as does a place of which nothing is said, and `false` none. */
export function schemaOf(schema: Json | undefined): JsonObject {
  if (schema === false) return { not: {} };
  return isObject(schema) ? schema : {};
}

export function allowsNothing(schema: JsonObject): boolean {
  return schema.not === true || sameJson(schema.not, {});
}

/** Whether a schema is `true` or as good as that. */
export function allowsEverything(schema: Json | undefined): boolean {
  return sameJson(schemaOf(schema), {});
}
