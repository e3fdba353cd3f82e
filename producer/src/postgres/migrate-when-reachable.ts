import { setTimeout as delay } from "node:timers/promises";
import type { Log } from "../telemetry/log.ts";
import type { Sql } from "./database.ts";
import { isUnavailable } from "./is-unavailable.ts";
import { migrate } from "./migrate.ts";

/** Brings the database up to date, and waits for it as long as it is away and nobody aborts. */
export async function migrateWhenReachable(sql: Sql, log: Log, stop: AbortSignal): Promise<void> {
  for (let attempt = 0; !stop.aborted; attempt++) {
    try {
      for (const name of await migrate(sql)) log.info({ migration: name }, "migrated");
      return;
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (stop.aborted) return;
      log.warn({ err: { message: (error as Error).message }, attempt }, "waiting for PostgreSQL");
      await delay(Math.min(250 * 2 ** attempt, 5_000), undefined, { signal: stop }).catch(() => {});
    }
  }
}
