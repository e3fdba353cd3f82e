import { randomBytes } from "node:crypto";
import process from "node:process";
import { connectDatabase, type Sql } from "../src/postgres/database.ts";
import { migrate, ownMigrations } from "../src/postgres/migrate.ts";

export type PrivateDatabase = { url: string; sql: Sql; drop(): Promise<void> };

/** A migrated database of its own for one test file. */
export async function createPrivateDatabase(folder = ownMigrations): Promise<PrivateDatabase> {
  const server = process.env["TEST_DATABASE_URL"] as string;
  const name = `producer_test_${randomBytes(6).toString("hex")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;

  async function onServer(statement: string): Promise<void> {
    const admin = connectDatabase(server, { max: 1 });
    await admin.unsafe(statement);
    await admin.end();
  }

  await onServer(`CREATE DATABASE ${name}`);
  const sql = connectDatabase(url.href, { max: 20 });
  await migrate(sql, "public", folder);
  return {
    url: url.href,
    sql,
    async drop() {
      await sql.end({ timeout: 1 });
      await onServer(`DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}
