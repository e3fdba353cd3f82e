/** Wakes one waiting loop; a ring that nobody waits for is kept for the next wait. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, at once when there was one since the last wait, or after `timeoutMs` if that is given. */
  heard(timeoutMs?: number): Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let answer: (() => void) | undefined;

  return {
    ring() {
      rung = true;
      answer?.();
    },
    async heard(timeoutMs) {
      if (!rung) {
        let timer: ReturnType<typeof setTimeout> | undefined;
        await new Promise<void>((resolve) => {
          answer = resolve;
          if (timeoutMs !== undefined) timer = setTimeout(resolve, timeoutMs);
        });
        clearTimeout(timer);
        answer = undefined;
      }
      rung = false;
    },
  };
}
