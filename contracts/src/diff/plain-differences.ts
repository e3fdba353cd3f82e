import { isObject, type Json, type JsonObject, type Path, sameJson } from "../json.ts";

export interface PlainDifference {
  path: Path;
  was: Json | undefined;
  is: Json | undefined;
}

const WORDS = ["title", "summary", "description"];

/** Where two parts of a document differ. Neither the order of keys and lists nor how a text is wrapped matters. */
export function plainDifferences(was: Json | undefined, is: Json | undefined, path: Path = []): PlainDifference[] {
  if (sameJson(was, is) || sameText(path, was, is) || sameSet(path, was, is)) return [];
  const [old, now] = [fieldsOf(was), fieldsOf(is)];
  if (old === undefined || now === undefined) return [{ path, was, is }];
  const keys = [...new Set([...Object.keys(now), ...Object.keys(old)])];
  return keys.length === 0
    ? [{ path, was, is }]
    : keys.flatMap((key) => plainDifferences(old[key], now[key], [...path, key]));
}

/** What is not there has no fields. */
function fieldsOf(value: Json | undefined): JsonObject | undefined {
  return value === undefined ? {} : isObject(value) ? value : undefined;
}

function sameText(path: Path, was: Json | undefined, is: Json | undefined): boolean {
  return WORDS.includes(String(path.at(-1))) && inOneLine(was) !== undefined && inOneLine(was) === inOneLine(is);
}

/** A text as it reads, however its lines are wrapped; undefined for what is no text. */
export function inOneLine(value: Json | undefined): string | undefined {
  return typeof value === "string" ? value.replaceAll(/\s+/g, " ").trim() : undefined;
}

/** Whether the order of an extension's list matters, only the extension knows. */
function sameSet(path: Path, was: Json | undefined, is: Json | undefined): boolean {
  if (!Array.isArray(was) || !Array.isArray(is) || was.length !== is.length) return false;
  if (path.some((key) => String(key).startsWith("x-"))) return false;
  return was.every((item) => is.some((other) => sameJson(item, other))) &&
    is.every((item) => was.some((other) => sameJson(item, other)));
}
