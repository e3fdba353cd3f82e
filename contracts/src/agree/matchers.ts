import { isObject, type Json, type JsonObject, sameJson, textAt } from "../json.ts";
import type { MatchingRule } from "../pacts.ts";

/** Whether Pact lets a value pass where this rule stands; `expected` is the pact's example. Throws on what it has no name for. */
export function accepts(rule: MatchingRule | undefined, expected: Json, value: Json): boolean {
  if (rule === undefined) return sameJson(expected, value);
  const passes = (matcher: JsonObject) => acceptsOne(matcher, expected, value);
  return rule.combine === "OR" ? rule.matchers.some(passes) : rule.matchers.every(passes);
}

function acceptsOne(matcher: JsonObject, expected: Json, value: Json): boolean {
  const kind = textAt(matcher, "match");
  switch (kind) {
    case "type":
      return kindOf(value) === kindOf(expected) && lengthFits(matcher, value);
    case "regex":
      return typeof value === "string" && new RegExp(textAt(matcher, "regex")).test(value);
    case "equality":
      return sameJson(expected, value);
    case "include":
      return typeof value === "string" && value.includes(textAt(matcher, "value"));
    case "integer":
      return Number.isInteger(value);
    case "decimal":
      return typeof value === "number" && !Number.isInteger(value);
    case "number":
      return typeof value === "number";
    case "boolean":
      return typeof value === "boolean";
    case "null":
      return value === null;
    case "notEmpty":
      return value !== "" && !(Array.isArray(value) && value.length === 0);
    case "date":
    case "time":
    case "datetime":
    case "timestamp":
      return typeof value === "string" && dateFormat(textAt(matcher, "format")).test(value);
    default:
      throw new Error(`has a matcher that is not understood: ${JSON.stringify(matcher)}`);
  }
}

function kindOf(value: Json): string {
  if (Array.isArray(value)) return "list";
  return value === null ? "null" : isObject(value) ? "object" : typeof value;
}

function lengthFits({ min, max }: JsonObject, value: Json): boolean {
  if (!Array.isArray(value)) return true;
  return (typeof min !== "number" || value.length >= min) && (typeof max !== "number" || value.length <= max);
}

const OFFSET = "(?:Z|[+-]\\d{2}:?\\d{2})";

/** A Java date pattern as a regular expression: digits for letters, X and Z for an offset, quoted text as it is. */
function dateFormat(format: string): RegExp {
  const source = format.replaceAll(/'([^']*)'|[XZ]+|[a-zA-Z]+|[^a-zA-Z']/g, (part, quoted?: string) => {
    if (quoted !== undefined) return quoted;
    if (/^[XZ]/.test(part)) return OFFSET;
    return /^[a-zA-Z]/.test(part) ? `\\d{${part.length}}` : part.replace(/[.+*?()[\]{}|^$\\]/, "\\$&");
  });
  return new RegExp(`^${source}$`);
}
