import { setTimeout as delay } from "node:timers/promises";
import { isSqlState } from "./sql-state.ts";

/** Another writer saved the same aggregate between our read and our write. */
export class StaleState extends Error {
  constructor(aggregate: string) {
    super(`${aggregate} was changed by somebody else`);
    this.name = "StaleState";
  }
}

const attempts = 20;

/** Runs the whole transaction again after a deadlock, a serialization failure or a lost race. */
export async function retryConflict<T>(transact: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await transact();
    } catch (error) {
      const isConflict = error instanceof StaleState || isSqlState(error, "40P01", "40001");
      if (!isConflict || attempt === attempts) throw error;
      await delay(Math.random() * 5 * attempt);
    }
  }
}
