/** The one way to write a JSON value: RFC 8785. Throws for what JSON can't say. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value === "object" && value !== null) {
    // The default sort compares UTF-16 code units, as RFC 8785 3.2.3 wants it.
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${text(key)}:${canonicalJson(member)}`).join(",")}}`;
  }
  if (typeof value === "string") return text(value);
  if (value === null || typeof value === "boolean") return String(value);
  if (typeof value === "number" && Number.isFinite(value)) return JSON.stringify(value);
  throw new TypeError(`JSON can't say ${String(value)}`);
}

const surrogate = /[\ud800-\udfff]/;

function text(value: string): string {
  // The first test is the cheap one, and most texts have no surrogate at all.
  if (surrogate.test(value) && /\p{Surrogate}/u.test(value)) {
    throw new TypeError("JSON text has a surrogate without its other half");
  }
  return JSON.stringify(value);
}
