import { setTimeout as delay } from "node:timers/promises";

/** Another writer saved the same aggregate between our read and our write. */
export class StaleState extends Error {
  constructor(aggregate: string) {
    super(`${aggregate} was changed by somebody else`);
    this.name = "StaleState";
  }
}

/** A lost race, or a transaction that PostgreSQL rolled back (class 40: deadlock, serialization): run whole, it may pass. */
export function isConflict(error: unknown): boolean {
  if (error instanceof StaleState) return true;
  return error instanceof Error && "code" in error && /^40[0-9A-Z]{3}$/.test(String(error.code));
}

const attempts = 20;

/** Runs the whole transaction again after a conflict. */
export async function retryConflict<T>(transact: () => Promise<T>): Promise<T> {
  for (let attempt = 1;; attempt++) {
    try {
      return await transact();
    } catch (error) {
      if (!isConflict(error) || attempt === attempts) throw error;
      await delay(Math.random() * 5 * attempt);
    }
  }
}
