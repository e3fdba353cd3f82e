import type { Sql } from "postgres";
import { connectPostgres, type PostgresOptions } from "./connect.ts";
import { isUpToDate, migrate } from "./migrate.ts";
import { requireSession } from "./require-session.ts";

/**
 * Migrates what is not up to date; returns the names of the migrations. A migration may take its time, so it has a
 * connection without limits, which is opened only when there is something to do.
 */
export async function bringUpToDate(
  sql: Sql,
  { url, pool: _, ...database }: Omit<PostgresOptions, "max"> & { url: string; pool: number; pooled: boolean },
): Promise<string[]> {
  await requireSession(sql, database);
  if (await isUpToDate(sql)) return [];
  const migrating = connectPostgres(url, { ...database, max: 1 });
  return await migrate(migrating, database.schema).finally(() => migrating.end({ timeout: 1 }));
}
