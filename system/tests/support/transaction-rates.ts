import { setTimeout as sleep } from "node:timers/promises";
import type { Sql } from "postgres";

/** How many transactions a second each database had during the next `seconds`, as PostgreSQL counts them. */
export async function transactionRates(sql: Sql, databases: readonly string[], seconds: number): Promise<number[]> {
  const read = async () => {
    const rows = await sql<{ name: string; count: number }[]>`
      SELECT datname AS name, (xact_commit + xact_rollback)::float8 AS count FROM pg_stat_database`;
    const counts = databases.map((database) => rows.find(({ name }) => name === database)?.count ?? NaN);
    return { at: performance.now(), counts };
  };
  const before = await read();
  await sleep(seconds * 1_000);
  const after = await read();
  const elapsed = (after.at - before.at) / 1_000;
  return after.counts.map((count, index) => (count - before.counts[index]!) / elapsed);
}
