/** Runs tasks of the same key one after another in the order of their arrival, and those of others at the same time. */
export function createLanes() {
  const tails = new Map<string, Promise<unknown>>();

  return async function inLane<Result>(key: string, task: () => Promise<Result>): Promise<Result> {
    const previous = tails.get(key) ?? Promise.resolve();
    const turn = previous.then(task, task);
    tails.set(key, turn);
    try {
      return await turn;
    } finally {
      if (tails.get(key) === turn) tails.delete(key);
    }
  };
}
