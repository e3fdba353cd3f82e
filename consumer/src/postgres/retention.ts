import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";

/** Deletes at most `limit` rows that are from before then; answers how many. */
export type PruneBatch = (sql: Sql, before: Date, limit: number) => PromiseLike<{ count: number }>;

const rowsAtOnce = 5_000;
const everyMs = 3_600_000;

/** Deletes what is from before `before`, in short transactions; answers how many rows. */
export async function prune(sql: Sql, before: Date, batches: readonly PruneBatch[]): Promise<number> {
  let deleted = 0;
  for (const batch of batches) {
    for (let last = rowsAtOnce; last === rowsAtOnce;) {
      last = (await batch(sql, before, rowsAtOnce)).count;
      deleted += last;
    }
  }
  return deleted;
}

export interface PrunerDependencies {
  sql: Sql;
  log: Logger;
  now: () => Date;
  batches: readonly PruneBatch[];
  /** No shorter than the producer's archive: what can be replayed must still be known as done. */
  retentionDays: number;
}

/** Prunes at start and every hour; several processes may. */
export function createPruner({ sql, log, now, batches, retentionDays }: PrunerDependencies) {
  return {
    async run(signal: AbortSignal): Promise<void> {
      while (!signal.aborted) {
        try {
          const rows = await prune(sql, new Date(now().getTime() - retentionDays * 86_400_000), batches);
          if (rows > 0) log.info({ rows }, "pruned");
        } catch (error) {
          log.error({ error: errorText(error) }, "pruning failed");
        }
        await sleep(everyMs, undefined, { signal }).catch(() => {});
      }
    },
  };
}
