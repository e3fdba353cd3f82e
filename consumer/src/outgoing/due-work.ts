import { type AgendaItem, lookEveryMs } from "../postgres/agenda.ts";
import type { Worker } from "./worker.ts";

/** A timer may be early by a part of a millisecond, and what is not due yet would wait for the next look. */
const marginMs = 1;

/** Wakes a worker at the moment at which its next work falls due, and at once when nobody knows when that is. */
export function dueWork({ dueIn, wake }: Pick<Worker, "dueIn" | "wake">): AgendaItem {
  let timer: ReturnType<typeof setTimeout> | undefined;
  return {
    dueIn,
    told(seconds) {
      clearTimeout(timer);
      if (seconds === null) return;
      const inMs = Math.ceil((seconds ?? 0) * 1_000);
      if (inMs <= 0) wake();
      // What falls due later is told again by then.
      else if (inMs <= lookEveryMs + marginMs) timer = setTimeout(wake, inMs + marginMs);
    },
  };
}
