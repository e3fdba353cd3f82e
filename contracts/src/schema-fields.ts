import { arrayAt, entriesAt, isObject, type Json, type Path } from "./json.ts";

/** A field that a schema describes, at any depth. */
export interface SchemaField {
  /** `payload.workingHours[*].start`. */
  field: string;
  /** Where it is in the schema. */
  path: Path;
  /** Of the object that it is in. */
  required: boolean;
  /** It, its items or what it is in identifies a natural person, by `x-personal-data`. */
  personal: boolean;
}

/** Every field, each before those inside of it. */
export function schemaFields(schema: Json | undefined): SchemaField[] {
  return fieldsIn(schema, "", [], false);
}

function fieldsIn(schema: Json | undefined, prefix: string, path: Path, within: boolean): SchemaField[] {
  return entriesAt(schema, "properties").flatMap(([key, property]) => {
    const place = { field: `${prefix}${key}`, path: [...path, "properties", key] };
    const required = arrayAt(schema, "required").includes(key);
    const personal = within || isPersonal(property);
    return [{ ...place, required, personal }, ...inside(property, place, personal)];
  });
}

function inside(
  schema: Json | undefined,
  { field, path }: { field: string; path: Path },
  within: boolean,
): SchemaField[] {
  if (!isObject(schema)) return [];
  return [
    ...fieldsIn(schema, `${field}.`, path, within),
    ...inside(schema.items, { field: `${field}[*]`, path: [...path, "items"] }, within),
  ];
}

function isPersonal(schema: Json | undefined): boolean {
  return isObject(schema) && (schema["x-personal-data"] === true || isPersonal(schema.items));
}

/** Whether a field is the other one or inside of it. */
export function isWithin(field: string, other: string): boolean {
  return field === other || field.startsWith(`${other}.`) || field.startsWith(`${other}[`);
}
