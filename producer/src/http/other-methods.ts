import type { Hono } from "hono";
import { mediaTypesOf, type Operation } from "./operation.ts";
import type { HttpEnv } from "./request-context.ts";
import { RequestError } from "./request-error.ts";

/**
 * Every address that exists says to OPTIONS what it takes (RFC 9110, 9.3.7), and answers 405 with the same to everything
 * else.
 */
export function answerOtherMethods(app: Hono<HttpEnv>, operations: readonly Operation[]): void {
  const methods = new Map<string, Set<string>>();
  for (const { path, method } of app.routes) {
    if (method === "ALL") continue;
    const known = methods.get(path) ?? new Set();
    methods.set(path, known.add(method));
    if (method === "GET") known.add("HEAD");
  }
  const patches = new Map(operations.filter(({ method }) => method === "patch").map((one) => [routeOf(one), one]));
  // `/search` before `/:id`, which it would be taken for.
  const byParameters = [...methods].sort(([a], [b]) => a.split(":").length - b.split(":").length);
  for (const [path, known] of byParameters) {
    const allow = [...known, "OPTIONS"].join(", ");
    const patch = patches.get(path);
    const acceptPatch = patch ? { "Accept-Patch": mediaTypesOf(patch).join(", ") } : {};
    app.options(path, (c) => c.body(null, 204, { Allow: allow, ...acceptPatch }));
    app.all(path, (c) => {
      throw new RequestError("method-not-allowed", `${c.req.method} is not allowed here; allowed are ${allow}`, {
        headers: { Allow: allow },
      });
    });
  }
}

/** In Hono's notation: `/v1/appointments/:id`. */
export const routeOf = ({ path }: Operation) => path.replaceAll(/\{(\w+)\}/g, ":$1");
