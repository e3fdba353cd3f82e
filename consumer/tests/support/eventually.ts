import { vi } from "vitest";

/** Repeats a check until it passes, and fails with its last error; a machine that is busy takes its time. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
  return vi.waitFor(check, { timeout: 60_000, interval: 20 });
}
