import { syncBuiltinESMExports } from "node:module";
import timersPromises from "node:timers/promises";
import type { Scheduler } from "./scheduler.ts";

/** The sleep of the schedule that runs; imports of a builtin module see a change once, so it is put in once. */
let virtualSleep: typeof timersPromises.setTimeout | undefined;
const realSleep = timersPromises.setTimeout;
Object.assign(timersPromises, {
  setTimeout: (...args: Parameters<typeof realSleep>) => (virtualSleep ?? realSleep)(...args),
});
syncBuiltinESMExports();

type Handle = { cancel: () => void; ref(): Handle; unref(): Handle };
type Callback = (...args: unknown[]) => void;

/**
 * Gives the services' code the scheduler's time and randomness for as long as `task` runs, which must be synchronous:
 * setTimeout, setInterval, the promise of node:timers/promises, performance.now and Math.random. A timer belongs to the
 * process whose code set it.
 */
export function inVirtualTime<Result>(scheduler: Scheduler, task: () => Result): Result {
  const real = {
    setTimeout: globalThis.setTimeout,
    clearTimeout: globalThis.clearTimeout,
    setInterval: globalThis.setInterval,
    clearInterval: globalThis.clearInterval,
  };
  const { random } = Math;
  const clock = performance.now;

  const handleOf = (cancel: () => void): Handle => {
    const handle: Handle = { cancel, ref: () => handle, unref: () => handle };
    return handle;
  };
  const setTimeout = (run: Callback, ms = 1, ...args: unknown[]) =>
    handleOf(scheduler.after(ms, scheduler.current(), () => run(...args)));
  /** What was set before, in real time, is cleared there. */
  const clear = (handle: Handle | NodeJS.Timeout | undefined) => {
    if (handle && "cancel" in handle) handle.cancel();
    else real.clearTimeout(handle);
  };

  function setInterval(run: Callback, ms = 1, ...args: unknown[]): Handle {
    const owner = scheduler.current();
    let cancel = () => {};
    let over = false;
    const next = () => {
      cancel = scheduler.after(ms, owner, () => {
        run(...args);
        if (!over) next();
      });
    };
    next();
    return handleOf(() => {
      over = true;
      cancel();
    });
  }

  function sleep<T>(ms = 1, value?: T, { signal }: { signal?: AbortSignal } = {}): Promise<T> {
    return new Promise((resolve, reject) => {
      const abort = () => reject(Object.assign(new Error("The sleep was aborted"), { name: "AbortError" }));
      if (signal?.aborted) return abort();
      const cancel = scheduler.after(ms, scheduler.current(), () => {
        signal?.removeEventListener("abort", onAbort);
        resolve(value as T);
      });
      const onAbort = () => {
        cancel();
        abort();
      };
      signal?.addEventListener("abort", onAbort, { once: true });
    });
  }

  Object.assign(globalThis, { setTimeout, clearTimeout: clear, setInterval, clearInterval: clear });
  virtualSleep = sleep as typeof realSleep;
  Math.random = scheduler.random;
  performance.now = scheduler.now;
  try {
    return task();
  } finally {
    Object.assign(globalThis, real);
    virtualSleep = undefined;
    Math.random = random;
    performance.now = clock;
  }
}
