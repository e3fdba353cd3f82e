import type { HttpBindings } from "@hono/node-server";
import type { Context, MiddlewareHandler } from "hono";
import { findKey, type OpsKey } from "./access/keyring.ts";
import { unmapped } from "./access/networks.ts";

export interface AnonymousLimitDependencies {
  keys: readonly OpsKey[];
  /** 0 is no limit. */
  perSecond: number;
  nowMs: () => number;
}

/** What an address may still ask for, as of `at`. */
interface Bucket {
  tokens: number;
  at: number;
}

const holdsSeconds = 2;

/**
 * A bucket per address that fills at `perSecond` and holds two seconds' worth, for all requests without a known key in
 * X-API-Key; one that nobody took from for so long is full, as good as none, and forgotten.
 */
export function limitAnonymous({ keys, perSecond, nowMs }: AnonymousLimitDependencies): MiddlewareHandler {
  const capacity = perSecond * holdsSeconds;
  /** In the order of their last use. */
  const buckets = new Map<string, Bucket>();

  function isAdmitted(address: string): boolean {
    const now = nowMs();
    for (const [other, { at }] of buckets) {
      if (now - at < holdsSeconds * 1_000) break;
      buckets.delete(other);
    }
    const { tokens, at } = buckets.get(address) ?? { tokens: capacity, at: now };
    const filled = Math.min(capacity, tokens + Math.max(0, now - at) / 1_000 * perSecond);
    buckets.delete(address);
    buckets.set(address, { tokens: filled >= 1 ? filled - 1 : filled, at: now });
    return filled >= 1;
  }

  return async (context, next) => {
    const isKnown = findKey(keys, context.req.header("x-api-key") ?? "") !== undefined;
    if (perSecond === 0 || isKnown || isAdmitted(addressOf(context))) return await next();
    const title = "Too many requests without a known key from this address";
    const body = JSON.stringify({ type: "/problems/rate-limited", title, status: 429 });
    return context.body(body, 429, { "content-type": "application/problem+json", "retry-after": "1" });
  };
}

function addressOf(context: Context): string {
  const bindings: Partial<HttpBindings> | undefined = context.env;
  return unmapped(bindings?.incoming?.socket.remoteAddress ?? "unknown");
}
