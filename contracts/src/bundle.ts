import { posix } from "node:path";
import { parse } from "yaml";
import { DocumentError } from "./finding.ts";
import { at, isObject, type Json, type JsonObject, objectAt, type Path, pointerPath } from "./json.ts";
import { refuseRecursion } from "./refuse-recursion.ts";
import { applyTraits } from "./traits.ts";

/** Reads a file of the project, given its path from the root: of the working tree, a git revision or a release. */
export type ReadFile = (path: string) => string;

/**
 * The effective document: what other files contribute is copied in, under components where it was a component there,
 * and message and operation traits are merged into what they apply to. Every `$ref` that is left is internal.
 */
export function bundle(file: string, read: ReadFile): JsonObject {
  const source = createSources(read);
  const own = source(file);
  const components: Record<string, JsonObject> = {};

  function copy(value: Json, from: string, path: Path): Json {
    if (Array.isArray(value)) return value.map((item, index) => copy(item, from, [...path, index]));
    if (!isObject(value)) return value;
    if (typeof value.$ref === "string") return follow(value.$ref, from, path);
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, copy(item, from, [...path, key])]));
  }

  function follow(reference: string, from: string, path: Path): Json {
    const target = splitReference(reference, from);
    const found = at(source(target.file), ...target.path);
    if (found === undefined) throw new DocumentError(from, path, `refers to ${reference}, which does not exist`);
    if (target.file === file) return { $ref: reference.slice(reference.indexOf("#")) };
    const [root, kind = "", name, ...deeper] = target.path;
    if (root !== "components" || name === undefined || deeper.length > 0) return copy(found, target.file, target.path);
    if (at(own, "components", kind, name) !== undefined) {
      throw new DocumentError(from, path, `refers to ${reference}, and there is a component of that name here too`);
    }
    const group = components[kind] ??= {};
    if (group[name] === undefined) {
      group[name] = {}; // known from here on, so that a schema may refer to itself
      group[name] = copy(found, target.file, target.path);
    }
    return { $ref: `#/components/${kind}/${name}` };
  }

  const copied = copy(own, file, []) as JsonObject;
  for (const [kind, group] of Object.entries(objectAt(copied, "components"))) {
    components[kind] = { ...objectAt(group), ...components[kind] };
  }
  const whole = { ...copied, components };
  refuseRecursion(whole, file);
  return applyTraits(whole);
}

/** Parses each file once. */
export function createSources(read: ReadFile): (file: string) => JsonObject {
  const documents = new Map<string, JsonObject>();
  return (file) => {
    const known = documents.get(file);
    if (known !== undefined) return known;
    const document = parseYaml(file, read(file));
    documents.set(file, document);
    return document;
  };
}

function parseYaml(file: string, text: string): JsonObject {
  let document: unknown;
  try {
    document = text.startsWith("{") ? JSON.parse(text) : parse(text); // JSON is YAML, and much faster as JSON
  } catch (error) {
    throw new DocumentError(file, [], `is not YAML: ${error instanceof Error ? error.message : error}`);
  }
  if (!isObject(document)) throw new DocumentError(file, [], "is not an object");
  return document;
}

/** The file and the place that a `$ref` in `from` means. */
export function splitReference(reference: string, from: string): { file: string; path: string[] } {
  const [file = "", fragment = ""] = reference.split("#");
  return { file: file === "" ? from : posix.join(posix.dirname(from), file), path: pointerPath(`#${fragment}`) };
}

/** Follows an internal `$ref`, if there is one. */
export function resolve(document: JsonObject, value: Json | undefined): Json {
  if (!isObject(value) || typeof value.$ref !== "string") return value ?? null;
  return resolve(document, at(document, ...pointerPath(value.$ref)));
}

/** A copy without any `$ref`. */
export function dereference(document: JsonObject, value: Json | undefined): Json {
  const resolved = resolve(document, value);
  if (Array.isArray(resolved)) return resolved.map((item) => dereference(document, item));
  if (!isObject(resolved)) return resolved;
  return Object.fromEntries(Object.entries(resolved).map(([key, item]) => [key, dereference(document, item)]));
}
