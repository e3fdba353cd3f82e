import { setTimeout as sleep } from "node:timers/promises";
import type { Publication, Publisher } from "./publisher.ts";

const firstPauseMs = 500;
const longestPauseMs = 15_000;

/**
 * Publishes, for as long as it takes the broker to confirm: it may be full, in alarm or away. Rejects only when `signal`
 * is aborted; `refused` hears of each refusal and of the pause that follows.
 */
export async function publishAtLast(
  publisher: Publisher,
  publication: Publication,
  signal: AbortSignal,
  refused: (error: unknown, pauseMs: number) => void,
): Promise<void> {
  for (let pauseMs = firstPauseMs;; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    signal.throwIfAborted();
    try {
      return await publisher.publish(publication);
    } catch (error) {
      refused(error, pauseMs);
      await sleep(pauseMs, undefined, { signal });
    }
  }
}
