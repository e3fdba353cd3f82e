import type { Sql } from "postgres";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { migrate } from "../../src/postgres/migrate.ts";
import { testServer, uniqueName } from "./test-servers.ts";

export interface TestDatabase {
  url: string;
  sql: Sql;
  drop(): Promise<void>;
}

/** A migrated database of this test file's own. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const name = uniqueName("consumer_test");
  const admin = connectPostgres(testServer("TEST_DATABASE_URL"), { max: 1 });
  await admin`create database ${admin(name)}`;

  const address = new URL(testServer("TEST_DATABASE_URL"));
  address.pathname = `/${name}`;
  const sql = connectPostgres(address.href, { max: 10 });
  await migrate(sql);

  return {
    url: address.href,
    sql,
    async drop() {
      await sql.end({ timeout: 1 });
      await admin`drop database ${admin(name)} with (force)`;
      await admin.end();
    },
  };
}
