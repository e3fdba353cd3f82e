import process from "node:process";
import { clearInterval, setInterval } from "node:timers";

export interface Progress {
  /** What is being done; `fraction` from 0 to 1, where it is known how much there is to do. */
  show(text: string, fraction?: number): void;
  /** Takes the line away, before something else is written there. */
  clear(): void;
  end(): void;
}

const width = 30;
const everyMs = 100;
/** What is done sooner needs no bar. */
const afterMs = 1_000;

function bar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * width);
  return `[${"#".repeat(full)}${" ".repeat(width - full)}] `;
}

export const noProgress: Progress = { show() {}, clear() {}, end() {} };

/** A line on a terminal that says how far a command is, from its first second on; elsewhere nothing. */
export function createProgress(
  stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr,
  now: () => number = () => performance.now(),
): Progress {
  if (!stream.isTTY) return noProgress;
  const startedAt = now();
  let wanted = "";
  let shown = "";
  let shownAt = -Infinity;

  function draw(): void {
    if (wanted === shown || now() - startedAt < afterMs || now() - shownAt < everyMs) return;
    shownAt = now();
    shown = wanted;
    stream.write(`\r${shown}\x1b[K`);
  }
  function clear(): void {
    if (shown !== "") stream.write("\r\x1b[K");
    shown = "";
  }

  // What takes long may take it between two calls.
  const timer = setInterval(draw, everyMs).unref();
  return {
    show(text, fraction) {
      wanted = (fraction === undefined ? "" : bar(fraction)) + text;
      draw();
    },
    clear,
    end() {
      clearInterval(timer);
      clear();
    },
  };
}
