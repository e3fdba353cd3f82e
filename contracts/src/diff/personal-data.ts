import type { SentEvent } from "../contract.ts";
import { type SchemaField, schemaFields } from "../schema-fields.ts";
import { type Change, eventChange } from "./change.ts";

/** What identifies a person obliges whoever handles it, though no schema refuses anything. */
export function personalChanges(was: SentEvent, is: SentEvent): Change[] {
  const old = new Map(schemaFields(was.payload).map((field): [string, SchemaField] => [field.field, field]));
  return schemaFields(is.payload)
    .filter(({ field, personal }) => (old.get(field)?.personal ?? personal) !== personal)
    .map(({ field, path, personal }) => {
      const says = `${field} is ${personal ? "personal data now" : "no longer personal data"}`;
      return eventChange("MINOR", is, [...is.path, "payload", ...path], says);
    });
}
