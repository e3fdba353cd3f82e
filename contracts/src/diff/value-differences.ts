import { type Json, type JsonObject, sameJson } from "../json.ts";
import { allowsNothing } from "./boolean-schema.ts";
import type { Difference } from "./limits.ts";

/** Of two schemas one of which allows no value at all. */
export function forbiddenDifferences(before: JsonObject, after: JsonObject): Difference[] {
  const [was, is] = [before, after].map(allowsNothing);
  if (was === is) return [];
  const says = is ? "may have no value any more" : "may have a value now";
  return [{ keyword: "type", says, widens: was === true, narrows: is === true }];
}

export function typeDifferences(before: JsonObject, after: JsonObject): Difference[] {
  const [old, now] = [typesOf(before), typesOf(after)];
  const gained = now.filter((type) => !covers(old, type));
  const lost = old.filter((type) => !covers(now, type));
  if (gained.length + lost.length === 0) return [];
  const says = gained.join() === "null" && lost.length === 0
    ? "may now be null"
    : lost.join() === "null" && gained.length === 0
    ? "may no longer be null"
    : `type ${nameOf(old)} → ${nameOf(now)}`;
  return [{ keyword: "type", says, widens: gained.length > 0, narrows: lost.length > 0 }];
}

const ALL_TYPES = ["string", "number", "integer", "boolean", "array", "object", "null"];

function nameOf(types: string[]): string {
  return types === ALL_TYPES ? "any" : types.join(" or ");
}

function typesOf({ type }: JsonObject): string[] {
  return type === undefined ? ALL_TYPES : [type].flat().map(String);
}

function covers(types: string[], type: string): boolean {
  return types.includes(type) || (type === "integer" && types.includes("number"));
}

export function valueDifferences(before: JsonObject, after: JsonObject): Difference[] {
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
