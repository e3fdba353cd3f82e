import type { SentEvent } from "../contract.ts";
import { type Change, eventChange } from "./change.ts";
import { at, entriesAt, type Json } from "../json.ts";

/** What identifies a person obliges whoever handles it, though no schema refuses anything. */
export function personalChanges(was: SentEvent, is: SentEvent): Change[] {
  const [old, now] = [was, is].map(({ payload }) => personalFields(payload));
  return [...new Set([...old ?? [], ...now ?? []])].filter((field) => old?.has(field) !== now?.has(field))
    .filter((field) => hasField(was, field) && hasField(is, field))
    .map((field) => {
      const path = [...is.path, "payload", ...field.split(".").flatMap((key) => ["properties", key])];
      return eventChange(
        "MINOR",
        is,
        path,
        `${field} is ${now?.has(field) ? "personal data now" : "no longer personal data"}`,
      );
    });
}

/** The fields that identify a natural person, by `x-personal-data`: `payload.patientEmail`. */
export function personalFields(schema: Json, prefix = ""): Set<string> {
  return new Set(
    entriesAt(schema, "properties").flatMap(([key, property]) => [
      ...(at(property, "x-personal-data") === true ? [`${prefix}${key}`] : []),
      ...personalFields(property, `${prefix}${key}.`),
    ]),
  );
}

function hasField({ payload }: SentEvent, field: string): boolean {
  return at(payload, ...field.split(".").flatMap((key) => ["properties", key])) !== undefined;
}
