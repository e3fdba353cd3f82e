import { at, isObject, type Json, type JsonObject, objectAt, pointerPath } from "./json.ts";

/** Merges message and operation traits as AsyncAPI 3 demands: JSON Merge Patch, the object's own fields win. */
export function applyTraits(document: JsonObject): JsonObject {
  const merge = (value: Json): Json => {
    if (!isObject(value) || !Array.isArray(value.traits)) return value;
    const { traits, ...own } = value;
    return [...traits.map((trait) => follow(document, trait)), own].reduce<Json>(mergePatch, {});
  };
  const mergeAll = (group: Json | undefined): JsonObject =>
    Object.fromEntries(Object.entries(objectAt(group)).map(([key, value]) => [key, merge(value)]));

  const { messageTraits: _messages, operationTraits: _operations, ...components } = objectAt(document, "components");
  if (components.messages !== undefined) components.messages = mergeAll(components.messages);
  const channels = Object.entries(objectAt(document, "channels")).map(([name, channel]) => [
    name,
    isObject(channel) && channel.messages !== undefined
      ? { ...channel, messages: mergeAll(channel.messages) }
      : channel,
  ]);
  return {
    ...document,
    channels: Object.fromEntries(channels),
    operations: mergeAll(document.operations),
    components,
  };
}

function follow(document: JsonObject, trait: Json): Json {
  return isObject(trait) && typeof trait.$ref === "string" ? at(document, ...pointerPath(trait.$ref)) ?? null : trait;
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
