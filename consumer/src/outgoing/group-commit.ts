import { isOfOneValue } from "../postgres/failure-kind.ts";

/** More than this is never written at once, so that no statement grows without bound. */
const maxItems = 200;

/**
 * Groups what concurrent callers want written: what is handed in while one write is under way goes with the next one. A
 * caller alone is written at once. `write` commits all of it or nothing, and resolves with a result for each item, in their
 * order. A caller whose group failed is told why; only where PostgreSQL refused a value is the group divided, so that one
 * item fails alone.
 */
export function createGroupCommit<Item, Result>(
  write: (items: Item[]) => Promise<readonly Result[]>,
): (item: Item) => Promise<Result> {
  interface Waiting {
    item: Item;
    resolve(result: Result): void;
    reject(error: unknown): void;
  }
  let waiting: Waiting[] = [];
  let writing = false;

  async function writeAll(group: Waiting[]): Promise<void> {
    try {
      const results = await write(group.map(({ item }) => item));
      group.forEach(({ resolve }, index) => resolve(results[index]!));
    } catch (error) {
      if (group.length === 1 || !isOfOneValue(error)) return group.forEach(({ reject }) => reject(error));
      const middle = group.length >> 1;
      await writeAll(group.slice(0, middle));
      await writeAll(group.slice(middle));
    }
  }

  async function writeWhatWaits(): Promise<void> {
    writing = true;
    while (waiting.length > 0) {
      const group = waiting.slice(0, maxItems);
      waiting = waiting.slice(maxItems);
      await writeAll(group);
    }
    writing = false;
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject });
      if (!writing) void writeWhatWaits();
    });
}
