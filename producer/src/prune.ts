import type { Sql } from "./postgres/database.ts";
import { deleteLeftTimes } from "./appointments/hold-store.ts";
import { deleteArchivedBefore } from "./outbox/event-log.ts";
import { deleteExpiredKeys } from "./postgres/idempotency-store.ts";

const batch = 1_000;

/** Deletes what is kept no longer, in small transactions. Several processes may do it at once. */
export async function prune(
  sql: Sql,
  options: { now: Date; archiveDays: number },
): Promise<{ events: number; keys: number; times: number }> {
  const before = new Date(options.now.getTime() - options.archiveDays * 86_400_000);
  return {
    events: await deleteAll(() => deleteArchivedBefore(sql, before, batch)),
    keys: await deleteAll(() => deleteExpiredKeys(sql, batch)),
    times: await deleteAll(() => deleteLeftTimes(sql, batch)),
  };
}

/** Batch after batch, until one is not full. */
async function deleteAll(deleteBatch: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const deleted = await deleteBatch();
    total += deleted;
    if (deleted < batch) return total;
  }
}
