import { errorText } from "../telemetry/error-text.ts";
import { refusesWrites } from "./is-unavailable.ts";

/** Whether the database took the last write, which no question that only reads would tell. */
export type WriteFaults = {
  /** What a write ended with; undefined when it was taken. */
  note(error: unknown): void;
  /** Why writes are refused, as PostgreSQL says it. */
  current(): string | undefined;
};

/** Without writes nobody learns that they are taken again: after that time one more is let in. */
const doubtedAfterMs = 15_000;

export function createWriteFaults(nowMs: () => number): WriteFaults {
  let fault: { reason: string; at: number } | undefined;
  return {
    note(error) {
      if (error === undefined) fault = undefined;
      // That a database only reads can be asked; that its disk is full shows in a write only.
      else if (refusesWrites(error) && (error as { code?: string }).code !== "25006") {
        fault = { reason: errorText(error), at: nowMs() };
      }
    },
    current: () => (fault && nowMs() - fault.at < doubtedAfterMs ? fault.reason : undefined),
  };
}
