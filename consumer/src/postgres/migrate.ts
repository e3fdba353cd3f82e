import { readdir, readFile } from "node:fs/promises";
import type { Sql } from "postgres";
import { prepareSchema } from "./prepare-schema.ts";

const folder = new URL("../../migrations/", import.meta.url);
/** Any constant that no other user of the database takes; spells "migr". */
const lockKey = 0x6d696772;

/** Whether there is nothing to apply. */
export async function isUpToDate(sql: Sql): Promise<boolean> {
  const [table] = await sql<{ exists: boolean }[]>`select to_regclass('schema_migrations') is not null as exists`;
  if (!table?.exists) return false;
  const known = new Set((await sql<{ name: string }[]>`select name from schema_migrations`).map(({ name }) => name));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql"));
  return files.every((name) => known.has(name));
}

/** Applies the files of `migrations/` that this database lacks, each once, and returns their names. */
export async function migrate(sql: Sql, schema = "public"): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  return await sql.begin(async (transaction) => {
    await transaction`set local statement_timeout = 0`;
    await transaction`select pg_advisory_xact_lock(${lockKey})`;
    await prepareSchema(transaction, schema);
    const [table] = await transaction<{ exists: boolean }[]>`
      select to_regclass('schema_migrations') is not null as exists`;
    if (!table?.exists) {
      await transaction`
        create table schema_migrations (name text primary key, applied_at timestamptz not null default now())`;
    }
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
