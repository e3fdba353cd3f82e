import { posix } from "node:path";
import { parse } from "yaml";
import {
  at,
  isObject,
  type Json,
  type JsonObject,
  objectAt,
  pointerPath,
} from "./json.ts";

/** Reads a file of the project, given its path from the root: of the working tree, a git revision or a release. */
export type ReadFile = (path: string) => string;

/**
 * The effective document: what other files contribute is copied in, under components where it was a component there,
 * and message and operation traits are merged into what they apply to. Every `$ref` that is left is internal.
 */
export function bundle(file: string, read: ReadFile): JsonObject {
  const sources = new Map<string, JsonObject>();
  const own = source(file);
  const components: JsonObject = {};

  function source(path: string): JsonObject {
    const known = sources.get(path);
    if (known !== undefined) return known;
    const document: unknown = parse(read(path));
    if (!isObject(document)) throw new Error(`${path} is not an object`);
    sources.set(path, document);
    return document;
  }

  function copy(value: Json, from: string): Json {
    if (Array.isArray(value)) return value.map((item) => copy(item, from));
    if (!isObject(value)) return value;
    if (typeof value.$ref === "string") return follow(value.$ref, from);
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [key, copy(item, from)]),
    );
  }

  function follow(reference: string, from: string): Json {
    const [path = "", fragment = ""] = reference.split("#");
    const target = path === "" ? from : posix.join(posix.dirname(from), path);
    if (target === file) return { $ref: `#${fragment}` };
    const keys = pointerPath(fragment);
    const found = at(source(target), ...keys);
    if (found === undefined) {
      throw new Error(`${from}: nothing at ${reference}`);
    }
    const [root, kind, name, ...deeper] = keys;
    if (
      root !== "components" || kind === undefined || name === undefined ||
      deeper.length > 0
    ) return copy(found, target);
    if (at(own, "components", kind, name) !== undefined) {
      throw new Error(`${from}: ${reference} hides a component`);
    }
    const group = components[kind] = objectAt(components, kind);
    if (group[name] === undefined) {
      group[name] = {}; // a placeholder, so that a schema may refer to itself
      group[name] = copy(found, target);
    }
    return { $ref: `#${fragment}` };
  }

  const copied = copy(own, file) as JsonObject;
  const kinds = new Set([
    ...Object.keys(objectAt(copied, "components")),
    ...Object.keys(components),
  ]);
  const merged = [...kinds].map((
    kind,
  ) => [kind, {
    ...objectAt(copied, "components", kind),
    ...objectAt(components, kind),
  }]);
  return applyTraits({ ...copied, components: Object.fromEntries(merged) });
}

/** Merges traits as AsyncAPI 3 demands: JSON Merge Patch, where the object's own fields win. */
function applyTraits(document: JsonObject): JsonObject {
  const withTraits = (value: Json): Json => {
    if (!isObject(value) || !Array.isArray(value.traits)) return value;
    const { traits, ...own } = value;
    return [...traits.map((trait) => resolve(document, trait)), own].reduce<
      Json
    >(mergePatch, {});
  };
  const group = (value: Json | undefined) =>
    Object.fromEntries(
      Object.entries(objectAt(value)).map((
        [key, item],
      ) => [key, withTraits(item)]),
    );

  const {
    messageTraits: _messageTraits,
    operationTraits: _operationTraits,
    ...components
  } = objectAt(document, "components");
  const channels = Object.entries(objectAt(document, "channels")).map((
    [name, channel],
  ) => [
    name,
    isObject(channel) && "messages" in channel
      ? { ...channel, messages: group(channel.messages) }
      : channel,
  ]);
  return {
    ...document,
    channels: Object.fromEntries(channels),
    operations: group(document.operations),
    components: { ...components, messages: group(components.messages) },
  };
}

/** Follows an internal `$ref`, if there is one. */
export function resolve(document: JsonObject, value: Json | undefined): Json {
  if (!isObject(value) || typeof value.$ref !== "string") return value ?? null;
  const found = at(document, ...pointerPath(value.$ref));
  if (found === undefined) throw new Error(`nothing at ${value.$ref}`);
  return resolve(document, found);
}

/** A copy without any `$ref`. */
export function dereference(document: JsonObject, value: Json): Json {
  const resolved = resolve(document, value);
  if (Array.isArray(resolved)) {
    return resolved.map((item) => dereference(document, item));
  }
  if (!isObject(resolved)) return resolved;
  return Object.fromEntries(
    Object.entries(resolved).map((
      [key, item],
    ) => [key, dereference(document, item)]),
  );
}

/** RFC 7396. */
function mergePatch(target: Json, patch: Json): Json {
  if (!isObject(patch)) return patch;
  const merged: JsonObject = isObject(target) ? { ...target } : {};
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete merged[key];
    else merged[key] = mergePatch(merged[key] ?? null, value);
  }
  return merged;
}
