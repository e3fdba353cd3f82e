import { type Backoff, backoffMs } from "./backoff.ts";

export interface CircuitBreakerOptions {
  /** Failures in a row after which nothing more is tried for a while. */
  threshold: number;
  /** How long nothing is tried; grows with every probe that fails. */
  cooldown: Backoff;
  now: () => Date;
}

/** Keeps a dependency that is down from being called: open after failures in a row, then one probe at a time. */
export interface CircuitBreaker {
  /** How many more calls may start while `inFlight` are running: any number, one probe, or none. */
  permits(inFlight: number): number;
  succeeded(): void;
  /** With the time for which the dependency wants no calls, where it says so. */
  failed(retryAfterMs?: number): void;
  isOpen(): boolean;
}

export function createCircuitBreaker({ threshold, cooldown, now }: CircuitBreakerOptions): CircuitBreaker {
  let failures = 0;
  let openedAt = 0;
  let openUntil = 0;
  /** A clock that was set back would keep it open for as long as it was ahead. */
  const isOver = (at: number) => at >= openUntil || at < openedAt;
  const isOpen = () => failures >= threshold;

  return {
    permits(inFlight) {
      if (!isOpen()) return Infinity;
      return inFlight === 0 && isOver(now().getTime()) ? 1 : 0;
    },
    succeeded() {
      failures = 0;
    },
    failed(retryAfterMs = 0) {
      failures = retryAfterMs > 0 ? Math.max(failures + 1, threshold) : failures + 1;
      const pauseMs = Math.max(backoffMs(failures - threshold + 1, cooldown), retryAfterMs);
      if (!isOpen()) return;
      const at = now().getTime();
      openUntil = isOver(at) ? at + pauseMs : Math.max(openUntil, at + pauseMs);
      openedAt = at;
    },
    isOpen,
  };
}
