import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { connectDatabase } from "../src/postgres/database.ts";
import { migrate } from "../src/postgres/migrate.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
beforeAll(async () => void (database = await createPrivateDatabase()));
afterAll(() => database.drop());
beforeEach(() => database.sql.unsafe("DROP SCHEMA public CASCADE; CREATE SCHEMA public"));

test("processes that start together apply each migration once", async () => {
  const pools = [1, 2, 3].map(() => connectDatabase(database.url, { max: 1 }));
  const applied = await Promise.all(pools.map((pool) => migrate(pool)));
  await Promise.all(pools.map((pool) => pool.end()));
  expect(applied.filter((names) => names.length > 0)).toHaveLength(1);
});

test("a second run finds nothing to do, also where a newer version has migrated further", async () => {
  await migrate(database.sql);
  await database.sql`INSERT INTO schema_migrations (name, sha256) VALUES ('999_of_tomorrow.sql', '')`;
  expect(await migrate(database.sql)).toEqual([]);
});

test("a migration that was changed after it had been applied stops the start", async () => {
  const [first] = await migrate(database.sql);
  await database.sql`UPDATE schema_migrations SET sha256 = 'another' WHERE name = ${first!}`;
  await expect(migrate(database.sql)).rejects.toThrow(`Migration ${first} was changed`);
});
