/** Ends waiting that takes too long: one timer for all, since all may wait equally long. */
export type Deadlines = {
  /** Returns what says that nobody waits any more. */
  start(expire: () => void): () => void;
};

export function createDeadlines(timeoutMs: number): Deadlines {
  /** In the order of their ends. */
  const waiting = new Map<() => void, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;

  function expireDue(): void {
    timer = undefined;
    const now = performance.now();
    for (const [expire, endsAt] of waiting) {
      if (endsAt > now) return arm(endsAt - now);
      waiting.delete(expire);
      expire();
    }
  }

  function arm(ms: number): void {
    timer = setTimeout(expireDue, Math.ceil(ms));
  }

  return {
    start(expire) {
      waiting.set(expire, performance.now() + timeoutMs);
      if (!timer) arm(timeoutMs);
      return () => {
        waiting.delete(expire);
        if (waiting.size > 0 || !timer) return;
        clearTimeout(timer);
        timer = undefined;
      };
    },
  };
}
