export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** The object in a field, or an empty one: for parts that a document may leave out. */
export function objectAt(
  value: Json | undefined,
  ...path: string[]
): JsonObject {
  const found = at(value, ...path);
  return isObject(found) ? found : {};
}

export function at(
  value: Json | undefined,
  ...path: string[]
): Json | undefined {
  return path.reduce<Json | undefined>((current, key) => {
    if (Array.isArray(current)) return current[Number(key)];
    return isObject(current) && Object.hasOwn(current, key)
      ? current[key]
      : undefined;
  }, value);
}

/** RFC 6901. */
export function pointer(path: readonly (string | number)[]): string {
  return path.map((key) =>
    `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`
  ).join("");
}

/** RFC 6901, the other way about; takes `#/a/b` as well as `/a/b`. */
export function pointerPath(text: string): string[] {
  return text.replace(/^#/, "").split("/").slice(1).map((key) =>
    key.replaceAll("~1", "/").replaceAll("~0", "~")
  );
}
