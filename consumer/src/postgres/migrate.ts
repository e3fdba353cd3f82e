import { readdir, readFile } from "node:fs/promises";
import type { Sql } from "postgres";

const folder = new URL("../../migrations/", import.meta.url);
/** Any constant that no other user of the database takes; spells "migr". */
const lockKey = 0x6d696772;

/** Applies the files of `migrations/` that this database lacks, each once, and returns their names. */
export async function migrate(sql: Sql): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return await sql.begin(async (transaction) => {
    await transaction`set local statement_timeout = 0`;
    await transaction`select pg_advisory_xact_lock(${lockKey})`;
    await transaction`
      create table if not exists schema_migrations (
        name text primary key,
        applied_at timestamptz not null default now()
      )`;
    const rows = await transaction<{ name: string }[]>`select name from schema_migrations`;
    const applied = new Set(rows.map((row) => row.name));
    const missing = files.filter((name) => !applied.has(name));
    for (const name of missing) {
      await transaction.unsafe(await readFile(new URL(name, folder), "utf8"));
      await transaction`insert into schema_migrations (name) values (${name})`;
    }
    return missing;
  });
}
