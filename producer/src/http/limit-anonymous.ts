import type { Context, MiddlewareHandler } from "hono";
import type { RateLimit } from "./rate-limit.ts";
import { RequestError } from "./request-error.ts";
import type { HttpEnv } from "./request-context.ts";

/** Takes a request from what the address of its caller has left, or refuses it. */
export type AnonymousLimit = (c: Context) => void;

export function createAnonymousLimit(
  deps: { rateLimit: RateLimit; clientAddress: (c: Context) => string | undefined },
): AnonymousLimit {
  return (c) => {
    try {
      deps.rateLimit(deps.clientAddress(c) ?? "unknown");
    } catch (cause) {
      // What is left is said to callers who are known: nothing of what anybody may read describes those headers.
      throw new RequestError("rate-limited", "Too many requests without a known key or token from this address", {
        headers: { "Retry-After": "1" },
      }, { cause });
    }
  };
}

/** Who shows nothing is limited before anything is done; who shows what nobody knows, when it turns out (mount). */
export function limitAnonymous(limit: AnonymousLimit): MiddlewareHandler<HttpEnv> {
  return async (c, next) => {
    if (c.req.header("X-API-Key") === undefined && c.req.header("Authorization") === undefined) limit(c);
    await next();
  };
}
