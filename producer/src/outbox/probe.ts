/** When refused events may be tried again, and how many at once. */
export type Probe = {
  /** 0 while it is too early. */
  size(nowMs: number): number;
  /** A first publication was refused: if nothing is waiting yet, the first pause begins. */
  noticeRefusal(nowMs: number): void;
  succeeded(): void;
  failed(nowMs: number): void;
};

/**
 * One event after a growing pause until one gets through, then twice as many each time: a full queue refuses an event
 * that its neighbours took, so each blind repetition would be a duplicate for all of them.
 */
export function createProbe(
  options: { firstMs: number; longestMs: number; largest: number; random: () => number },
): Probe {
  let size = 1;
  let failures = 0;
  let notBefore = 0;

  function failed(nowMs: number): void {
    const pause = Math.min(options.firstMs * 2 ** failures, options.longestMs);
    size = 1;
    failures = Math.min(failures + 1, 30);
    notBefore = nowMs + pause * (0.5 + options.random() / 2);
  }

  return {
    size: (nowMs) => (nowMs < notBefore ? 0 : size),
    noticeRefusal(nowMs) {
      if (failures === 0) failed(nowMs);
    },
    succeeded() {
      size = Math.min(size * 2, options.largest);
      failures = 0;
      notBefore = 0;
    },
    failed,
  };
}
