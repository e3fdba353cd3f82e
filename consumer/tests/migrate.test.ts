import { afterAll, beforeAll, expect, test } from "vitest";
import { connectPostgres } from "../src/postgres/connect.ts";
import { migrate } from "../src/postgres/migrate.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("a second run finds nothing to do", async () => {
  expect(await migrate(database.sql)).toEqual([]);
});

test("processes that start together apply each migration once", async () => {
  await database.sql`drop schema public cascade`;
  await database.sql`create schema public`;
  const pools = [1, 2, 3].map(() => connectPostgres(database.url, { max: 1 }));
  const runs = await Promise.all(pools.map((pool) => migrate(pool)));
  await Promise.all(pools.map((pool) => pool.end()));
  expect(runs.filter((names) => names.length > 0)).toHaveLength(1);
});
