/** Wakes one waiting loop; a ring that nobody waits for is kept for the next wait. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring; at once when there was one since the last wait. */
  heard(): Promise<void>;
}

export function createBell(): Bell {
  let rung = false;
  let answer: (() => void) | undefined;

  return {
    ring() {
      rung = true;
      answer?.();
    },
    async heard() {
      if (!rung) await new Promise<void>((resolve) => (answer = resolve));
      answer = undefined;
      rung = false;
    },
  };
}
