import { RequestError } from "./request-error.ts";

export type RateLimit = (caller: string) => void;

/** What a caller may still ask for, as of `at`. */
type Bucket = { readonly tokens: number; readonly at: number };

const holdsSeconds = 2;

/**
 * A bucket per caller that fills at `perSecond` and holds two seconds' worth. 0 is no limit. A bucket that nobody took
 * from for so long is full, as good as none, and forgotten.
 */
export function createRateLimit(
  options: { perSecond: number; nowMs: () => number },
  buckets = new Map<string, Bucket>(),
): RateLimit {
  const { perSecond, nowMs } = options;
  const capacity = perSecond * holdsSeconds;

  /** The buckets are in the order of their last use. */
  function forgetFull(now: number): void {
    for (const [caller, { at }] of buckets) {
      if (now - at < holdsSeconds * 1000) return;
      buckets.delete(caller);
    }
  }

  return (caller) => {
    if (perSecond === 0) return;
    const now = nowMs();
    forgetFull(now);
    const bucket = buckets.get(caller) ?? { tokens: capacity, at: now };
    const filled = (Math.max(0, now - bucket.at) / 1000) * perSecond;
    const tokens = Math.min(capacity, bucket.tokens + filled);
    const isAdmitted = tokens >= 1;
    buckets.delete(caller);
    // A refusal costs nothing: who keeps asking would otherwise never be served again.
    buckets.set(caller, { tokens: isAdmitted ? tokens - 1 : tokens, at: now });
    if (isAdmitted) return;
    const seconds = Math.max(1, Math.ceil((1 - tokens) / perSecond));
    throw new RequestError("rate-limited", `At most ${perSecond} requests per second`, {
      headers: { "Retry-After": String(seconds) },
    });
  };
}
