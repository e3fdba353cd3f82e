export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}
/** Where something is in a document, key by key. */
export type Path = readonly (string | number)[];

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** What is at a path, or undefined. */
export function at(value: Json | undefined, ...path: Path): Json | undefined {
  return path.reduce<Json | undefined>((current, key) => {
    if (Array.isArray(current)) return current[Number(key)];
    return isObject(current) && Object.hasOwn(current, key) ? current[key] : undefined;
  }, value);
}

/** The object at a path, or an empty one: for parts that a document may leave out. */
export function objectAt(value: Json | undefined, ...path: Path): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

export function arrayAt(value: Json | undefined, ...path: Path): Json[] {
  const found = at(value, ...path);
  return Array.isArray(found) ? found : [];
}

/** The text at a path, or an empty one. */
export function textAt(value: Json | undefined, ...path: Path): string {
  const found = at(value, ...path);
  return typeof found === "string" ? found : "";
}

export function entriesAt(value: Json | undefined, ...path: Path): [string, Json][] {
  return Object.entries(objectAt(value, ...path));
}

/** RFC 6901. */
export function pointer(path: Path): string {
  return path.map((key) => `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");
}

/** RFC 6901, the other way about; takes `#/a%20b`, which is percent-encoded (section 6), as well as `/a b`. */
export function pointerPath(text: string): string[] {
  const plain = text.startsWith("#") ? percentDecoded(text.slice(1)) : text;
  return plain.split("/").slice(1).map((key) => key.replaceAll("~1", "/").replaceAll("~0", "~"));
}

/** What is encoded wrongly stands for itself, and leads nowhere. */
function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Equal as JSON: the order of keys does not matter. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  return canonical(a) === canonical(b);
}

export function canonical(value: Json | undefined): string {
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  if (!isObject(value)) return JSON.stringify(value) ?? "";
  const fields = Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${canonical(value[key])}`);
  return `{${fields.join(",")}}`;
}
