import { setTimeout as sleep } from "node:timers/promises";

export interface WaitOptions {
  timeoutMs: number;
  intervalMs?: number;
  signal?: AbortSignal | undefined;
}

/** Polls until the probe gives something truthy, and returns it. A throwing probe counts as "not yet". */
export async function waitFor<T>(
  what: string,
  probe: () => Promise<T> | T,
  options: WaitOptions,
): Promise<NonNullable<T>> {
  const deadline = Date.now() + options.timeoutMs;
  let cause: unknown;
  while (true) {
    options.signal?.throwIfAborted();
    try {
      const result = await probe();
      if (result) return result;
    } catch (error) {
      cause = error;
    }
    if (Date.now() > deadline) {
      throw new Error(`waited ${options.timeoutMs} ms for ${what}`, { cause });
    }
    await sleep(options.intervalMs ?? 50);
  }
}
