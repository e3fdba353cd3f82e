import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import type { Sql } from "./database.ts";
import { prepareSchema } from "./prepare-schema.ts";

/** The service's own tables. */
export const ownMigrations = new URL("../../migrations/", import.meta.url);
/** The database of patients' keys. */
export const keyMigrations = new URL("../../key-migrations/", import.meta.url);

/** Any number that no other lock of this database has. */
const migrationLock = 7_203_001;

/** Whether there is nothing to apply. */
export async function isUpToDate(sql: Sql, folder = ownMigrations): Promise<boolean> {
  const [table] = await sql<{ exists: boolean }[]>`SELECT to_regclass('schema_migrations') IS NOT NULL AS exists`;
  if (!table?.exists) return false;
  const known = new Set((await sql<{ name: string }[]>`SELECT name FROM schema_migrations`).map(({ name }) => name));
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql"));
  return files.every((name) => known.has(name));
}

/** Applies what is new, all in one transaction; several processes may start at once. Returns the names applied. */
export async function migrate(sql: Sql, schema = "public", folder = ownMigrations): Promise<string[]> {
  const files = (await readdir(folder)).filter((name) => name.endsWith(".sql")).sort();
  const applied: string[] = [];
  await sql.begin(async (tx) => {
    await tx`SET LOCAL statement_timeout = 0`;
    await tx`SELECT pg_advisory_xact_lock(${migrationLock})`;
    await prepareSchema(tx, schema);
    const [table] = await tx<{ exists: boolean }[]>`SELECT to_regclass('schema_migrations') IS NOT NULL AS exists`;
    if (!table?.exists) {
      await tx`CREATE TABLE schema_migrations (
        name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now()
      )`;
    }
    const known = new Map(
      (await tx<{ name: string; sha256: string }[]>`SELECT name, sha256 FROM schema_migrations`)
        .map((row) => [row.name, row.sha256]),
    );
    for (const name of files) {
      const text = await readFile(new URL(name, folder), "utf8");
      const sha256 = createHash("sha256").update(text).digest("hex");
      const before = known.get(name);
      if (before === sha256) continue;
      if (before !== undefined) throw new Error(`Migration ${name} was changed after it had been applied`);
      await tx.unsafe(text);
      await tx`INSERT INTO schema_migrations (name, sha256) VALUES (${name}, ${sha256})`;
      applied.push(name);
    }
  });
  return applied;
}
