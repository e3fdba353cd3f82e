import { mediaTypeOf } from "./problem-error.ts";
import type { Answer } from "./send.ts";

export type Retries = {
  /** The first included. */
  readonly maxAttempts: number;
  /** Before the second attempt, at most; it doubles with each. */
  readonly baseDelayMs: number;
  /** No wait is longer; what asks for a longer one by Retry-After is not tried again. */
  readonly maxDelayMs: number;
};

/** Whether the same request may fare better later: a refusal of these kinds says that nothing was done, or is known. */
function isWorthRetrying({ status, headers, text }: Answer): boolean {
  if (status === 429 || status === 502 || status === 503 || status === 504) {
    return true;
  }
  // The attempt before is still running: its answer can be had when it is done.
  return status === 409 &&
    mediaTypeOf(headers) === "application/problem+json" &&
    text.includes(`"/problems/idempotency-key-in-use"`);
}

/** RFC 9110, 10.2.3: seconds, or a date. */
function readRetryAfter(headers: Headers): number | undefined {
  const value = headers.get("Retry-After")?.trim() ?? "";
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}

/** Milliseconds until the next attempt: what the service asks for, and a backoff of which chance decides how much. */
export function delayAfter(
  answer: Answer | Error,
  attempts: number,
  retries: Retries,
): number | undefined {
  const { maxAttempts, baseDelayMs, maxDelayMs } = retries;
  if (
    attempts >= maxAttempts ||
    !(answer instanceof Error || isWorthRetrying(answer))
  ) return undefined;
  const asked = (answer instanceof Error ? undefined : readRetryAfter(answer.headers)) ?? 0;
  if (asked > maxDelayMs) return undefined;
  return asked +
    Math.random() * Math.min(maxDelayMs, baseDelayMs * 2 ** (attempts - 1));
}

/** Ends early where the signal does, with its reason. */
export function wait(
  ms: number,
  signal: AbortSignal | undefined,
): Promise<void> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", stop);
    function stop(): void {
      clearTimeout(timer);
      signal?.removeEventListener("abort", stop);
      reject(signal?.reason);
    }
    function done(): void {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
  });
}
