import { isDeepStrictEqual } from "node:util";

/** Where two values are not the same, each with a path: `payload/doctorId is "a" instead of "b"`. */
export function differences(actual: unknown, expected: unknown, path = ""): string[] {
  if (isDeepStrictEqual(actual, expected)) return [];
  if (!isRecord(actual) || !isRecord(expected)) {
    return [`${path || "all"} is ${say(actual)} instead of ${say(expected)}`];
  }
  const names = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
  return names.flatMap((name) => differences(actual[name], expected[name], path ? `${path}/${name}` : name));
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && Array.isArray(value) === false;
}

function say(value: unknown): string {
  return value === undefined ? "absent" : JSON.stringify(value);
}
