import type { Json, JsonObject } from "../json.ts";
import type { Rule } from "./lesser.ts";

/** How two schemas of one place differ: `widens` when the new one allows what the old one refuses, `narrows` when the other way about. */
export interface Difference {
  keyword: string;
  says: string;
  widens: boolean;
  narrows: boolean;
  /** Why it is less than MAJOR, where it neither widens nor narrows and no job misses anything. */
  rule?: Rule;
}

type Direction = "lower" | "upper";

const COUNTS: [string, Direction][] = [
  ["minLength", "lower"],
  ["maxLength", "upper"],
  ["minItems", "lower"],
  ["maxItems", "upper"],
  ["minProperties", "lower"],
  ["maxProperties", "upper"],
];

/** Every limit that moved: of numbers, lengths, lists and fields. */
export function limitDifferences(before: JsonObject, after: JsonObject): Difference[] {
  const counts = COUNTS.flatMap(([keyword, direction]) => {
    const unset = direction === "lower" ? 0 : Infinity;
    return moved(keyword, direction, numberAt(before, keyword) ?? unset, numberAt(after, keyword) ?? unset);
  });
  return [...counts, ...bound("minimum", "lower", before, after), ...bound("maximum", "upper", before, after)];
}

function moved(keyword: string, direction: Direction, before: number, after: number): Difference[] {
  if (before === after) return [];
  const widens = direction === "lower" ? after < before : after > before;
  return [{ keyword, says: `${keyword} ${show(before)} → ${show(after)}`, widens, narrows: !widens }];
}

interface Bound {
  limit: number;
  exclusive: boolean;
}

function bound(
  keyword: "minimum" | "maximum",
  direction: Direction,
  before: JsonObject,
  after: JsonObject,
): Difference[] {
  const [old, now] = [boundOf(before, direction), boundOf(after, direction)];
  const narrows = isTighter(now, old, direction);
  const widens = isTighter(old, now, direction);
  return narrows || widens
    ? [{ keyword, says: `${keyword} ${showBound(old)} → ${showBound(now)}`, widens, narrows }]
    : [];
}

/** The one bound that counts of an inclusive and an exclusive one; among integers, exclusive is inclusive of the next. */
function boundOf(schema: JsonObject, direction: Direction): Bound {
  const inward = direction === "lower" ? 1 : -1;
  const inclusive = numberAt(schema, direction === "lower" ? "minimum" : "maximum") ?? -inward * Infinity;
  const beyond = numberAt(schema, direction === "lower" ? "exclusiveMinimum" : "exclusiveMaximum");
  const first = { limit: inclusive, exclusive: false };
  if (beyond === undefined) return first;
  const second = schema.type === "integer"
    ? { limit: beyond + inward, exclusive: false }
    : { limit: beyond, exclusive: true };
  return isTighter(second, first, direction) ? second : first;
}

function isTighter(a: Bound, b: Bound, direction: Direction): boolean {
  if (a.limit === b.limit) return a.exclusive && !b.exclusive;
  return direction === "lower" ? a.limit > b.limit : a.limit < b.limit;
}

function showBound({ limit, exclusive }: Bound): string {
  return `${show(limit)}${exclusive ? ", exclusive" : ""}`;
}

function numberAt(schema: JsonObject, keyword: string): number | undefined {
  const value: Json | undefined = schema[keyword];
  return typeof value === "number" ? value : undefined;
}

function show(limit: number): string {
  return Number.isFinite(limit) ? String(limit) : "none";
}
