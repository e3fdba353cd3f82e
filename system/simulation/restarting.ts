import type { Running } from "./relay-process.ts";
import type { Process, Scheduler } from "./scheduler.ts";

export interface Restarting {
  name: string;
  /** What runs now; undefined between a crash and the next start. */
  running(): Running | undefined;
  /** kill -9, and a start after so long. */
  crash(ms: number): void;
  stop(ms: number): void;
}

/** Processes that somebody starts again, as Compose and Kubernetes do. */
export function createRestarting(scheduler: Scheduler, note: (what: string) => void) {
  return function restarting(name: string, start: (owner: Process) => Running): Restarting {
    let owner: Process;
    let running: Running | undefined;

    function boot(): void {
      owner = { name, alive: true, stoppedUntil: 0 };
      scheduler.runAs(owner, () => (running = start(owner)));
    }
    scheduler.after(0, undefined, boot);
    return {
      name,
      running: () => running,
      crash(ms) {
        if (!running) return;
        note(`${name} crashes`);
        const crashed = running;
        running = undefined;
        owner.alive = false;
        crashed.lost();
        scheduler.after(ms, undefined, boot);
      },
      stop(ms) {
        note(`${name} is stopped for ${ms.toFixed(0)} ms`);
        owner.stoppedUntil = scheduler.now() + ms;
      },
    };
  };
}
