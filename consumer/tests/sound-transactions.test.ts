import { afterAll, beforeAll, expect, test } from "vitest";
import { connectPostgres } from "../src/postgres/connect.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql`create table notes (text text)`;
});
afterAll(() => database.drop());

test("a transaction whose connection is lost writes nothing, not even afterwards on the connection that follows", async () => {
  const sql = connectPostgres(database.url, { max: 1 });
  let late = "not tried";
  const lost = sql.begin(async (transaction) => {
    await transaction`insert into notes values ('before')`;
    const [row] = await transaction<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await database.sql`select pg_terminate_backend(${row!.pid})`;
    // The pool's only connection is a new one by now.
    await sql`select 1`;
    late = "tried";
    await transaction`insert into notes values ('after')`;
    late = "written";
  });
  await expect(lost).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  expect(await sql`select * from notes`).toEqual([]);
  await expect.poll(() => late).toBe("tried");
  await sql.end();
});
