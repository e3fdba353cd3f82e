export interface Semaphore {
  /** Runs the task while it holds `permits`; whoever asked first goes first, even if a later one would fit. */
  run<Result>(permits: number, task: () => Promise<Result>): Promise<Result>;
  /** Runs the task while it holds all permits. */
  runAlone<Result>(task: () => Promise<Result>): Promise<Result>;
}

export function createSemaphore(capacity: number): Semaphore {
  const waiting: { permits: number; start: () => void }[] = [];
  let free = capacity;

  function admit(): void {
    while (waiting[0] && waiting[0].permits <= free) {
      const next = waiting.shift()!;
      free -= next.permits;
      next.start();
    }
  }

  async function run<Result>(permits: number, task: () => Promise<Result>): Promise<Result> {
    await new Promise<void>((start) => {
      waiting.push({ permits, start });
      admit();
    });
    try {
      return await task();
    } finally {
      free += permits;
      admit();
    }
  }

  return { run, runAlone: (task) => run(capacity, task) };
}
