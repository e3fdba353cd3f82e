import { RequestError } from "./request-error.ts";

/** Takes a request of the caller's from what is left, or refuses it; answers what is to be said of that in headers. */
export type RateLimit = (caller: string) => Readonly<Record<string, string>>;

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

  /** draft-ietf-httpapi-ratelimit-headers-10: the policy, what is left of it, and in how many seconds it is whole again. */
  const describe = (tokens: number) => ({
    "RateLimit-Policy": `"caller";q=${capacity};w=${holdsSeconds}`,
    "RateLimit": `"caller";r=${Math.floor(tokens)};t=${Math.ceil((capacity - tokens) / perSecond)}`,
  });

  return (caller) => {
    if (perSecond === 0) return {};
    const now = nowMs();
    forgetFull(now);
    const bucket = buckets.get(caller) ?? { tokens: capacity, at: now };
    const filled = (Math.max(0, now - bucket.at) / 1000) * perSecond;
    const before = Math.min(capacity, bucket.tokens + filled);
    const isAdmitted = before >= 1;
    // A refusal costs nothing: who keeps asking would otherwise never be served again.
    const tokens = isAdmitted ? before - 1 : before;
    buckets.delete(caller);
    buckets.set(caller, { tokens, at: now });
    if (isAdmitted) return describe(tokens);
    const seconds = Math.max(1, Math.ceil((1 - tokens) / perSecond));
    throw new RequestError("rate-limited", `At most ${perSecond} requests per second`, {
      headers: { "Retry-After": String(seconds), ...describe(tokens) },
    });
  };
}
