export interface Backoff {
  baseMs: number;
  capMs: number;
}

/** Milliseconds to wait after failure number `failures` (from 1): doubling up to the cap, the upper half of it random. */
export function backoffMs(failures: number, backoff: Backoff, random: () => number = Math.random): number {
  const ceiling = Math.min(backoff.capMs, backoff.baseMs * 2 ** Math.min(failures - 1, 30));
  return Math.round(ceiling / 2 + (ceiling / 2) * random());
}
