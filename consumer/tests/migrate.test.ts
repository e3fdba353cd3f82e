import { afterAll, beforeAll, expect, test } from "vitest";
import type { CommandContext } from "../src/cli/command.ts";
import { migrateCommand } from "../src/cli/migrate.ts";
import { noProgress } from "../src/cli/progress.ts";
import { readConfig } from "../src/config.ts";
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

test("the command says what it applied, in words and as JSON, and refuses what it does not know", async () => {
  await database.sql`drop schema public cascade`;
  await database.sql`create schema public`;
  const printed: string[] = [];
  const context: CommandContext = {
    config: readConfig({ DATABASE_URL: database.url, AMQP_URL: "amqp://127.0.0.1", JOBS: "none" }),
    openDatabase: () => database.sql,
    print: (line) => void printed.push(line),
    note: () => {},
    progress: noProgress,
  };
  expect(await migrateCommand.run([], context)).toBe(0);
  expect(printed.pop()).toMatch(/^Applied 001_/);
  expect(await migrateCommand.run([], context)).toBe(0);
  expect(printed.pop()).toBe("The database is up to date");
  expect(await migrateCommand.run(["--json"], context)).toBe(0);
  expect(JSON.parse(printed.pop()!)).toEqual({ applied: [] });
  await expect(migrateCommand.run(["--undo"], context)).rejects.toThrow("--undo");
});
