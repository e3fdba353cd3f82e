export interface Semaphore {
  /** Runs the task while it holds `permits`; whoever asked first goes first, even if a later one would fit. */
  run<Result>(permits: number, task: () => Promise<Result>): Promise<Result>;
  /** Runs the task while it holds all permits. */
  runAlone<Result>(task: () => Promise<Result>): Promise<Result>;
  /** Lets others run during the task of somebody who holds `permits`, and takes them back after it. */
  leave<Result>(permits: number, task: () => Promise<Result>): Promise<Result>;
  /** The same for somebody who holds all of them. */
  leaveAll<Result>(task: () => Promise<Result>): Promise<Result>;
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

  async function acquire(permits: number): Promise<void> {
    await new Promise<void>((start) => {
      waiting.push({ permits, start });
      admit();
    });
  }

  function release(permits: number): void {
    free += permits;
    admit();
  }

  async function run<Result>(permits: number, task: () => Promise<Result>): Promise<Result> {
    await acquire(permits);
    try {
      return await task();
    } finally {
      release(permits);
    }
  }

  async function leave<Result>(permits: number, task: () => Promise<Result>): Promise<Result> {
    release(permits);
    try {
      return await task();
    } finally {
      await acquire(permits);
    }
  }

  return {
    run,
    runAlone: (task) => run(capacity, task),
    leave,
    leaveAll: (task) => leave(capacity, task),
  };
}
