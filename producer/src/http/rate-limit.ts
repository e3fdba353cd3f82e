import { RequestError } from "./request-error.ts";

export type RateLimit = (caller: string) => void;

/** A bucket per caller that fills at `perSecond` and holds two seconds' worth. 0 is no limit. */
export function createRateLimit(options: { perSecond: number; nowMs: () => number }): RateLimit {
  const { perSecond, nowMs } = options;
  const capacity = perSecond * 2;
  const buckets = new Map<string, { tokens: number; at: number }>();

  return (caller) => {
    if (perSecond === 0) return;
    const now = nowMs();
    const bucket = buckets.get(caller) ?? { tokens: capacity, at: now };
    const tokens = Math.min(capacity, bucket.tokens + ((now - bucket.at) / 1000) * perSecond);
    buckets.set(caller, { tokens: Math.max(0, tokens - 1), at: now });
    if (tokens >= 1) return;
    const seconds = Math.max(1, Math.ceil((1 - tokens) / perSecond));
    throw new RequestError("rate-limited", `At most ${perSecond} requests per second`, {
      headers: { "Retry-After": String(seconds) },
    });
  };
}
