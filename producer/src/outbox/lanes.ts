export type Lanes = {
  /** Repeats the step in every lane until it finds nothing to do in any of them; rejects with the first failure, once all have ended. */
  run(step: () => Promise<boolean>): Promise<void>;
  /** There may be something to do: lanes that found nothing look again. */
  wake(): void;
};

/** Does the same work several times at once. */
export function createLanes(count: number): Lanes {
  let changes = 0;
  let sleepers: (() => void)[] = [];

  function wake(): void {
    changes++;
    const woken = sleepers;
    sleepers = [];
    for (const wakeUp of woken) wakeUp();
  }

  return {
    wake,
    async run(step) {
      let idle = 0;
      let over = false;

      async function lane(): Promise<void> {
        while (!over) {
          const seen = changes;
          if (await step() || seen !== changes) continue;
          if (++idle === count) break;
          await new Promise<void>((resolve) => sleepers.push(resolve));
          idle--;
        }
        over = true;
        wake();
      }
      const ends = await Promise.allSettled(Array.from({ length: count }, () =>
        lane().catch((error) => {
          over = true;
          wake();
          throw error;
        })));
      for (const end of ends) if (end.status === "rejected") throw end.reason;
    },
  };
}
