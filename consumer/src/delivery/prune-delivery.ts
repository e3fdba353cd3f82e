import { pruneDelays } from "./delay-notes.ts";
import { pruneErased } from "./erased-appointments.ts";
import type { PruneBatch } from "../postgres/retention.ts";

/** What was processed, settled or over, whatever its job. */
export const pruneDelivery: readonly PruneBatch[] = [
  pruneErased,
  (sql, before, limit) =>
    sql`delete from inbox where ctid in (
      select ctid from inbox where processed_at < ${before} limit ${limit})`,
  (sql, before, limit) =>
    sql`delete from dead_letters where id in (
      select id from dead_letters where settled_at < ${before} limit ${limit})`,
  (sql, before, limit) =>
    sql`delete from unfinished_starts where ctid in (
      select ctid from unfinished_starts where last_started_at < ${before} limit ${limit})`,
  pruneDelays,
];
