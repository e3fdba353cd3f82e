import { isObject, type Json, type Path } from "../../src/json.ts";
import type { Document } from "./project.ts";

export interface DocumentEdit {
  operator: "another value" | "removed" | "another key" | "reordered";
  path: Path;
  edit: (document: Document) => void;
}

/** Each place of a document, changed by each operator that can change it. References stay whole. */
export function* documentEdits(document: Json, path: Path = []): Generator<DocumentEdit> {
  if (path.length > 0) yield { operator: "removed", path, edit: (root) => remove(parentOf(root, path), path.at(-1)) };
  if (!Array.isArray(document) && !isObject(document)) {
    yield {
      operator: "another value",
      path,
      edit: (root) => parentOf(root, path)[path.at(-1) ?? ""] = other(document),
    };
    return;
  }
  if (isObject(document) && document.$ref !== undefined) return;
  if (isObject(document)) {
    yield { operator: "another key", path, edit: (root) => valueAt(root, path)["x-another"] = true };
  }
  if (Object.keys(document).length > 1) yield { operator: "reordered", path, edit: (root) => reverse(root, path) };
  for (const [key, value] of Object.entries(document)) yield* documentEdits(value, [...path, key]);
}

function other(value: string | number | boolean | null): Json {
  return typeof value === "number" ? value + 1 : typeof value === "boolean" ? !value : `${value}-another`;
}

function valueAt(root: Document, path: Path): Document {
  return path.reduce((current, key) => current[key], root);
}

function parentOf(root: Document, path: Path): Document {
  return valueAt(root, path.slice(0, -1));
}

function remove(parent: Document, key: string | number | undefined): void {
  if (Array.isArray(parent)) parent.splice(Number(key), 1);
  else delete parent[key ?? ""];
}

function reverse(root: Document, path: Path): void {
  const value = valueAt(root, path);
  if (Array.isArray(value)) value.reverse();
  else for (const [key, inner] of Object.entries(value).reverse()) (delete value[key], value[key] = inner);
}
