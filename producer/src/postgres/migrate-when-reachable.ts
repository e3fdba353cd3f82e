import { setTimeout as delay } from "node:timers/promises";
import { errorText } from "../telemetry/error-text.ts";
import type { Log } from "../telemetry/log.ts";
import type { Sql } from "./database.ts";
import { isUnavailable } from "./is-unavailable.ts";
import { isUpToDate, migrate, ownMigrations } from "./migrate.ts";
import { requireSession } from "./require-session.ts";

/**
 * Brings the database up to date, and waits for it as long as it is away and nobody aborts. A migration may take its time,
 * so nothing tells one that takes long from a connection that went silent: it is begun only when there is something to do.
 */
export async function migrateWhenReachable(
  { sql, patient }: { sql: Sql; patient: () => Sql },
  options: { pooled: boolean; schema: string; folder?: URL; name?: string; onAway?: () => void },
  log: Log,
  stop: AbortSignal,
): Promise<void> {
  const { schema, folder = ownMigrations, name: database, onAway } = options;

  async function apply(): Promise<void> {
    const migrating = patient();
    try {
      for (const name of await migrate(migrating, schema, folder)) log.info({ migration: name }, "database migrated");
    } finally {
      await migrating.end({ timeout: 1 });
    }
  }

  for (let attempt = 0; !stop.aborted; attempt++) {
    try {
      await requireSession(sql, options);
      if (!(await isUpToDate(sql, folder))) await apply();
      return;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (stop.aborted) return;
      log.warn({ err: { message: errorText(error) }, attempt, database }, "waiting for PostgreSQL");
      onAway?.();
      await delay(Math.min(250 * 2 ** attempt, 5_000), undefined, { signal: stop }).catch(() => {});
    }
  }
}
