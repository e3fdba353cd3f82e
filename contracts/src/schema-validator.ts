import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import addFormats from "ajv-formats";
import { canonical, isObject, type Json, type JsonObject, type Path, pointerPath } from "./json.ts";

export interface Violation {
  path: Path;
  reason: string;
}

const ajv = new Ajv({ allErrors: true, strict: true, strictRequired: false, allowUnionTypes: true });
addFormats.default(ajv);
/** By the schema's text: the same schema is made anew for every message that it is held against. */
const compiled = new Map<string, ValidateFunction>();

/** What is wrong with a value by a schema without references; formats are checked. Throws on an unknown keyword. */
export function violations(schema: JsonObject, value: unknown): Violation[] {
  const validate = compile(schema);
  return validate(value) ? [] : (validate.errors ?? []).map(describe);
}

export function compile(schema: JsonObject): ValidateFunction {
  const key = canonical(schema);
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const validate = ajv.compile(withoutExtensions(schema) as JsonObject);
  compiled.set(key, validate);
  return validate;
}

function describe({ instancePath, keyword, message = "is invalid", params }: ErrorObject): Violation {
  const path = pointerPath(instancePath);
  if (keyword === "additionalProperties") {
    return { path: [...path, params.additionalProperty], reason: "is not declared in the schema" };
  }
  if (keyword === "const") return { path, reason: `must be ${JSON.stringify(params.allowedValue)}` };
  if (keyword === "enum") return { path, reason: `must be one of ${JSON.stringify(params.allowedValues)}` };
  return { path, reason: message };
}

/** The schema as a strict writer keeps it: no field that is not described, at any depth. */
export function closed(schema: JsonObject): JsonObject {
  const copy: JsonObject = { ...schema };
  if (isObject(schema.properties)) {
    copy.properties = Object.fromEntries(
      Object.entries(schema.properties).map((
        [key, property],
      ) => [key, isObject(property) ? closed(property) : property]),
    );
    copy.additionalProperties = false;
  }
  if (isObject(schema.items)) copy.items = closed(schema.items);
  return copy;
}

/** Ajv's strict mode, which catches a misspelt keyword, knows no `x-` extensions. */
function withoutExtensions(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(withoutExtensions);
  if (!isObject(schema)) return schema;
  const kept = Object.entries(schema).filter(([key]) => !key.startsWith("x-"));
  return Object.fromEntries(kept.map(([key, value]) => [
    key,
    key === "properties" && isObject(value)
      ? Object.fromEntries(Object.entries(value).map(([name, property]) => [name, withoutExtensions(property)]))
      : withoutExtensions(value),
  ]));
}
