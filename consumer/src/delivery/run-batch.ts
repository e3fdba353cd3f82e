import { isUnavailable } from "../postgres/failure-kind.ts";
import type { ReceivedEvent } from "./message.ts";
import { RunThemAlone, type Settled } from "./job-transaction.ts";
import type { RunTogether } from "./run-job.ts";

/** Runs one transaction, again and again for as long as the database is away. */
export type WhileAway = <Result>(task: () => Promise<Result>) => Promise<Result>;

/** The list in parts: each of the places alone, and what is between them together. */
function partsOf<Item>(items: readonly Item[], alone: readonly number[]): Item[][] {
  const parts: Item[][] = [];
  let from = 0;
  for (const place of [...alone].sort((a, b) => a - b)) {
    parts.push(items.slice(from, place), [items[place]!]);
    from = place + 1;
  }
  return [...parts, items.slice(from)].filter((part) => part.length > 0);
}

/**
 * Runs a job on events that were delivered together; what comes of each is what would have come of it one by one. A
 * transaction that fails is divided until the culprit is alone, and the others don't fail with it.
 */
export async function runBatch(
  received: readonly ReceivedEvent[],
  runTogether: RunTogether,
  whileAway: WhileAway,
): Promise<Settled[]> {
  let parts: ReceivedEvent[][];
  try {
    return await whileAway(() => runTogether(received));
  } catch (error) {
    if (error instanceof RunThemAlone) parts = partsOf(received, error.places);
    else if (isUnavailable(error)) throw error;
    else if (received.length === 1) return [{ kind: "failed", error }];
    else {
      const half = Math.ceil(received.length / 2);
      parts = [received.slice(0, half), received.slice(half)];
    }
  }
  const settled: Settled[] = [];
  for (const part of parts) settled.push(...await runBatch(part, runTogether, whileAway));
  return settled;
}
