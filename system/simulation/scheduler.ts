import process from "node:process";
import { createRandom } from "../tests/support/random.ts";

/** What can crash or be stopped by itself: its tasks go with it. */
export interface Process {
  readonly name: string;
  alive: boolean;
  /** Until this time, in virtual ms, nothing of it runs (SIGSTOP); what falls due meanwhile runs afterwards. */
  stoppedUntil: number;
}

interface Task {
  at: number;
  order: number;
  owner: Process | undefined;
  run: (() => void) | undefined;
}

export type Scheduler = ReturnType<typeof createScheduler>;

/** Runs all microtasks that are due. Node's own; works only outside of a microtask. */
const runMicrotasks = (process as unknown as { _tickCallback(): void })._tickCallback;

/**
 * Virtual time: one task at a time, by time, and between two tasks everything that follows from the first one. What a
 * schedule does depends on its seed alone.
 */
export function createScheduler(seed: number) {
  const random = createRandom(seed);
  const heap: Task[] = [];
  let now = 0;
  let order = 0;
  let current: Process | undefined;

  const before = (a: Task, b: Task) => a.at < b.at || (a.at === b.at && a.order < b.order);

  function push(task: Task): void {
    let at = heap.push(task) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (!before(task, heap[parent]!)) break;
      heap[at] = heap[parent]!;
      at = parent;
    }
    heap[at] = task;
  }

  function pop(): Task | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (!first || !last || heap.length === 0) return first;
    let at = 0;
    for (let child = 1; child < heap.length; child = 2 * at + 1) {
      if (child + 1 < heap.length && before(heap[child + 1]!, heap[child]!)) child++;
      if (!before(heap[child]!, last)) break;
      heap[at] = heap[child]!;
      at = child;
    }
    heap[at] = last;
    return first;
  }

  /** Runs after so many virtual ms, unless its owner is gone by then; returns what takes it back. */
  function after(ms: number, owner: Process | undefined, run: () => void): () => void {
    const task: Task = { at: now + Math.max(0, ms), order: order++, owner, run };
    push(task);
    return () => (task.run = undefined);
  }

  function runAs(owner: Process | undefined, run: () => void): void {
    const outer = current;
    current = owner;
    run();
    runMicrotasks();
    current = outer;
  }

  return {
    random,
    now: () => now,
    /** Whose code runs now. */
    current: () => current,
    after,
    runAs,
    /** A number from `min` to `max`. */
    between: (min: number, max: number) => min + random() * (max - min),
    chance: (probability: number) => random() < probability,
    pick: <T>(values: readonly T[]): T => values[Math.floor(random() * values.length)]!,
    /** Runs the next task; false when there is none. */
    step(): boolean {
      const task = pop();
      if (!task) return false;
      const { owner, run } = task;
      if (!run || owner?.alive === false) return true;
      if (owner && owner.stoppedUntil > task.at) {
        task.at = owner.stoppedUntil;
        push(task);
        return true;
      }
      now = Math.max(now, task.at);
      runAs(owner, run);
      return true;
    },
  };
}
