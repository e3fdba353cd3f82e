import type { Sql } from "./database.ts";
import { deleteArchivedBefore } from "./event-log.ts";
import { deleteExpiredKeys } from "./idempotency-store.ts";

const batch = 1_000;

/** Deletes what is kept no longer, in small transactions. Several processes may do it at once. */
export async function prune(
  sql: Sql,
  options: { now: Date; archiveDays: number },
): Promise<{ events: number; keys: number }> {
  const before = new Date(options.now.getTime() - options.archiveDays * 86_400_000);
  let events = 0;
  let deleted: number;
  do {
    deleted = await deleteArchivedBefore(sql, before, batch);
    events += deleted;
  } while (deleted === batch);
  return { events, keys: await deleteExpiredKeys(sql) };
}
