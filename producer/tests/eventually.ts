import { setTimeout as delay } from "node:timers/promises";

/** Repeats a check until it passes; fails with its last error. */
export async function eventually<T>(check: () => T | Promise<T>, timeoutMs = 40_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  while (true) {
    try {
      return await check();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await delay(20);
    }
  }
}
