import { dereference } from "../../bundle.ts";
import { arrayAt, at, entriesAt, isObject, type Json, type JsonObject, objectAt, textAt } from "../../json.ts";

/** One request that the API takes, without references. */
export interface ApiOperation {
  /** `GET /ops/archive`. */
  name: string;
  path: string;
  method: string;
  operation: JsonObject;
}

const METHODS = ["get", "put", "post", "delete", "options", "head", "patch", "trace"];

/** Every operation of an OpenAPI document; what a path says for all of its operations, said of each. */
export function apiOperations(document: JsonObject): ApiOperation[] {
  return entriesAt(document, "paths").flatMap(([path, item]) => {
    const shared = objectAt(item);
    return METHODS.filter((method) => shared[method] !== undefined).map((method) => {
      const operation = objectAt(dereference(document, shared[method]));
      const own = arrayAt(operation, "parameters");
      const parameters = [...arrayAt(dereference(document, shared.parameters)), ...own];
      return {
        name: `${method.toUpperCase()} ${path}`,
        path,
        method,
        operation: { ...operation, parameters, security: operation.security ?? document.security ?? [] },
      };
    });
  });
}

/** What else a path says, and the document beside paths, components and its version. */
export function restOf(document: JsonObject): JsonObject {
  const { paths, components, info, security: _security, ...root } = document;
  const { version: _version, ...about } = objectAt(info);
  const items = entriesAt(paths).map(([path, item]): [string, Json] => {
    const known = [...METHODS, "parameters"];
    if (!isObject(item)) return [path, item];
    return [path, Object.fromEntries(Object.entries(item).filter(([key]) => !known.includes(key)))];
  });
  const others = items.filter(([, item]) => !isObject(item) || Object.keys(item).length > 0);
  return {
    ...root,
    info: about,
    securitySchemes: at(components, "securitySchemes") ?? {},
    ...(others.length > 0 ? { paths: Object.fromEntries(others) } : {}),
  };
}

export function parametersOf({ operation }: ApiOperation): Map<string, JsonObject> {
  return new Map(
    arrayAt(operation, "parameters").map((parameter) => [
      `${textAt(parameter, "in")} parameter ${textAt(parameter, "name")}`,
      objectAt(parameter),
    ]),
  );
}
