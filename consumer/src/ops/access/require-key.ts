import type { MiddlewareHandler } from "hono";
import { findKey, type OpsKey } from "./keyring.ts";
import type { OpsScope } from "./scopes.ts";

/** Lets pass who sends a key with this scope in X-API-Key; for what programs ask, so the answer is a problem. */
export function requireKey(keys: readonly OpsKey[], scope: OpsScope): MiddlewareHandler {
  return async (context, next) => {
    const refuse = (status: 401 | 403, code: string, title: string) => {
      const body = JSON.stringify({ type: `/problems/${code}`, title, status });
      return context.body(body, status, { "content-type": "application/problem+json" });
    };
    const key = findKey(keys, context.req.header("x-api-key") ?? "");
    if (!key) return refuse(401, "unauthenticated", "Send a key of OPS_API_KEYS in X-API-Key");
    if (!key.scopes.includes(scope)) return refuse(403, "forbidden", `This needs the scope ${scope}`);
    await next();
  };
}
