import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";
import type { Sender } from "../outgoing/sender.ts";
import { errorText } from "../telemetry/error-text.ts";
import type { Logger } from "../telemetry/logger.ts";

const rowsAtOnce = 5_000;
const everyMs = 3_600_000;

/** Deletes what was processed, settled or over before `before`, in short transactions; answers how many rows. */
export async function prune(sql: Sql, before: Date): Promise<number> {
  const batches = [
    () =>
      sql`delete from inbox where ctid in (
        select ctid from inbox where processed_at < ${before} limit ${rowsAtOnce})`,
    () =>
      sql`delete from dead_letters where id in (
        select id from dead_letters where settled_at < ${before} limit ${rowsAtOnce})`,
    () =>
      sql`delete from unfinished_starts where ctid in (
        select ctid from unfinished_starts where last_started_at < ${before} limit ${rowsAtOnce})`,
    // Both hold patients' addresses. What a person has to look at stays.
    () =>
      sql`delete from sends where id in (
        select id from sends
        where updated_at < ${before} and state in ('sent', 'failed', 'dropped') limit ${rowsAtOnce})`,
    () =>
      sql`delete from notification_visits where appointment_id in (
        select appointment_id from notification_visits as visits
        where starts_at < ${before} and at < ${before} and not exists (
          select from notification_reminders as reminders where reminders.appointment_id = visits.appointment_id
        ) limit ${rowsAtOnce})`,
  ];
  let deleted = 0;
  for (const batch of batches) {
    for (let last = rowsAtOnce; last === rowsAtOnce;) {
      last = (await batch()).count;
      deleted += last;
    }
  }
  return deleted;
}

export interface PrunerDependencies {
  sql: Sql;
  log: Logger;
  now: () => Date;
  /** No shorter than the producer's archive: what can be replayed must still be known as done. */
  retentionDays: number;
}

/** Prunes at start and every hour; several processes may. */
export function createPruner({ sql, log, now, retentionDays }: PrunerDependencies): Sender {
  return {
    name: "pruner",
    // Nobody waits for it.
    wake() {},
    async run(signal) {
      while (!signal.aborted) {
        try {
          const rows = await prune(sql, new Date(now().getTime() - retentionDays * 86_400_000));
          if (rows > 0) log.info({ rows }, "pruned");
        } catch (error) {
          log.error({ error: errorText(error) }, "pruning failed");
        }
        await sleep(everyMs, undefined, { signal }).catch(() => {});
      }
    },
  };
}
