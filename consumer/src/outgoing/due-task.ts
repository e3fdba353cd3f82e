import type { Logger } from "pino";
import { createBell } from "./bell.ts";
import type { Worker } from "./worker.ts";

export interface DueTask {
  name: string;
  log: Logger;
  dueIn: Worker["dueIn"];
  /** Does what is due; `more` says that there may be more of it right now. */
  attempt(): Promise<"done" | "more">;
}

/** A worker that does one thing at a time, whenever it is woken. */
export function createDueTask({ name, log, dueIn, attempt }: DueTask): Worker {
  const bell = createBell();
  return {
    name,
    dueIn,
    wake: bell.ring,
    async run(signal) {
      signal.addEventListener("abort", bell.ring, { once: true });
      while (!signal.aborted) {
        let outcome = "done";
        try {
          outcome = await attempt();
        } catch (error) {
          log.error({ worker: name, err: error }, "a worker failed");
        }
        if (outcome === "done") await bell.heard();
      }
    },
  };
}
