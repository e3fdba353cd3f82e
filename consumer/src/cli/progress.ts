import process from "node:process";

export interface Progress {
  /** `fraction` from 0 to 1. */
  show(fraction: number, text: string): void;
  end(): void;
}

const width = 30;
const everyMs = 100;

/** A bar on a terminal, else nothing. */
export function createProgress(
  stream: { isTTY?: boolean; write(text: string): unknown } = process.stderr,
): Progress {
  let shownAt = -Infinity;
  if (!stream.isTTY) return { show() {}, end() {} };
  return {
    show(fraction, text) {
      if (performance.now() - shownAt < everyMs && fraction < 1) return;
      shownAt = performance.now();
      const full = Math.round(Math.min(1, fraction) * width);
      stream.write(`\r[${"#".repeat(full)}${" ".repeat(width - full)}] ${text}\x1b[K`);
    },
    end: () => void stream.write("\n"),
  };
}
