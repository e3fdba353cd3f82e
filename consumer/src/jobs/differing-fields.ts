import { canonicalJson } from "./audit/canonical-json.ts";

const isPlain = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);

/** The paths at which two states differ; what is undefined counts as absent. */
export function differingFields(stored: object, expected: object, path = ""): string[] {
  const [a, b] = [stored as Record<string, unknown>, expected as Record<string, unknown>];
  const names = [...new Set([...Object.keys(a), ...Object.keys(b)])];
  return names.flatMap((name) => {
    const [left, right] = [a[name], b[name]];
    if (isPlain(left) && isPlain(right)) return differingFields(left, right, `${path}${name}.`);
    return isSame(left, right) ? [] : [`${path}${name}`];
  });
}

function isSame(a: unknown, b: unknown): boolean {
  if (a === undefined || b === undefined) return a === b;
  return canonicalJson(plain(a)) === canonicalJson(plain(b));
}

const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
