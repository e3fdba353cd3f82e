import { setTimeout as sleep } from "node:timers/promises";

export interface Pace {
  /** At most so many a second. */
  perSecond?: number;
  /** At the same time; 1 keeps their order. */
  concurrency?: number;
  /** Told after each one, and how many there are. */
  done?(settled: boolean, index: number, of: number): void | Promise<void>;
  /** Leaves the rest. */
  stop?: AbortSignal;
}

export interface Settled {
  settled: number;
  /** Were not there any more: somebody else has settled them. */
  missed: number;
}

/** Settles one after another; what the command line and the page do to a group. */
export async function settleEach(
  ids: readonly string[],
  settle: (id: string) => Promise<boolean>,
  pace: Pace = {},
): Promise<Settled> {
  const { perSecond, concurrency = 1, done, stop } = pace;
  const result = { settled: 0, missed: 0 };
  let next = 0;

  async function work(): Promise<void> {
    while (next < ids.length && !stop?.aborted) {
      const index = next++;
      const pause = perSecond === undefined ? undefined : sleep(concurrency * 1_000 / perSecond);
      const [settled] = await Promise.all([settle(ids[index]!), pause]);
      result[settled ? "settled" : "missed"] += 1;
      await done?.(settled, index, ids.length);
    }
  }
  await Promise.all(Array.from({ length: concurrency }, work));
  return result;
}
