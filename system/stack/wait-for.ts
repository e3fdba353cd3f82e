import { setTimeout as sleep } from "node:timers/promises";
import { StackError } from "./stack-error.ts";

export interface WaitOptions {
  timeoutMs: number;
  intervalMs?: number;
  /** What to do when it was in vain. */
  remedy?: string;
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
      const reason = cause instanceof Error ? ` (${cause.message.split("\n")[0]})` : "";
      const remedy = options.remedy ?? "try again when the machine is less busy";
      throw new StackError(`waited ${options.timeoutMs / 1000} s in vain for ${what}${reason}: ${remedy}`, { cause });
    }
    await sleep(options.intervalMs ?? 50);
  }
}
