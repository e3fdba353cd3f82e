import type { OutboxRow, RelayStore } from "./outbox-store.ts";

export type ReadingPosition = {
  /** The next rows that may go out; fewer than `size` where the outbox has no more. */
  read(store: RelayStore, size: number, inFlight: readonly string[]): Promise<OutboxRow[]>;
};

const start = "0";
/** What committed late stands before what was read already. */
const restartMs = 1_000;

/**
 * Reads on where the last batch ended, instead of over all that was deleted or has to wait; from the start when the end is
 * reached, and once a second.
 */
export function createReadingPosition(nowMs: () => number): ReadingPosition {
  let after = start;
  let restartAt = nowMs() + restartMs;

  return {
    async read(store, size, inFlight) {
      if (nowMs() >= restartAt) {
        after = start;
        restartAt = nowMs() + restartMs;
      }
      for (;;) {
        const from = after;
        const rows = await store.selectFresh(size, from, inFlight.filter((id) => Number(id) > Number(from)));
        const last = rows.at(-1);
        after = last && rows.length === size ? last.id : start;
        if (last || from === start) return rows;
      }
    },
  };
}
