import type * as v from "valibot";

/** What a schema expects, for people; the validator's own words are made for programmers. */
const expectations: Readonly<Record<string, string>> = {
  string: "expected text",
  number: "expected a number",
  boolean: "expected true or false",
  array: "expected a list",
  object: "expected an object",
  strict_object: "expected an object",
  loose_object: "expected an object",
  record: "expected an object",
  integer: "expected a whole number",
  regex: "has the wrong format",
};

/** Why a value is refused where its schema has no words of its own: never the value, and never the validator's text. */
export function sayIssue(issue: v.BaseIssue<unknown>): string {
  if (issue.type === "strict_object" && issue.expected === "never") return "is not a known field";
  if (issue.received === "undefined") return "is required";
  const expected = expectationOf(issue);
  if (issue.received === "null") return `must not be null: ${expected}`;
  return expected;
}

function expectationOf({ type, requirement, expected, input }: v.BaseIssue<unknown>): string {
  const entries = Array.isArray(input) ? "entries" : "characters";
  switch (type) {
    case "picklist":
    case "literal":
    case "enum":
    case "union":
      return `expected ${literals(expected)}`;
    case "min_length":
      return `expected at least ${requirement} ${entries}`;
    case "max_length":
      return `expected at most ${requirement} ${entries}`;
    case "min_value":
      return `expected at least ${requirement}`;
    case "max_value":
      return `expected at most ${requirement}`;
    default:
      return expectations[type] ?? "is not acceptable";
  }
}

/** From TypeScript's notation, `("booked" | "arrived")`. */
function literals(expected: string | null): string {
  const values = [...(expected ?? "").matchAll(/"([^"]*)"/g)].map(([, value]) => value);
  if (values.length === 0) return "another kind of value";
  return values.length === 1 ? `${values[0]}` : `one of ${values.join(", ")}`;
}
