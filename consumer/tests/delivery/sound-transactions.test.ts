import { afterAll, beforeAll, expect, test } from "vitest";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
  await database.sql`create table notes (text text)`;
});
afterAll(() => database.drop());

test("a transaction whose connection is lost ends with it, and the pool goes on", async () => {
  const sql = connectPostgres(database.url, { max: 1 });
  for (let loss = 0; loss < 3; loss++) {
    const lost = sql.begin((transaction) => transaction`select pg_terminate_backend(pg_backend_pid())`);
    await expect(lost).rejects.toMatchObject({ code: expect.stringMatching(/^(57P01|CONNECTION_CLOSED)$/) });
    // The driver hands the same error to the first query of the connection that follows, without sending it.
    await expect.poll(() => sql`select 1`.then((rows) => rows.length, () => 0)).toBe(1);
  }
  await sql.end();
});

test("what a lost transaction still has to write is not written by the connection that follows", async () => {
  const sql = connectPostgres(database.url, { max: 1 });
  let next: Promise<unknown> | undefined;
  let tried = false;
  const lost = sql.begin(async (transaction) => {
    const [row] = await transaction<{ pid: number }[]>`select pg_backend_pid() as pid`;
    await database.sql`select pg_terminate_backend(${row!.pid})`;
    let goOn = () => {};
    const inNext = new Promise<void>((resolve) => (goOn = resolve));
    // The pool's only connection is a new one by now, with somebody else's transaction.
    next = sql.begin(async (other) => {
      await other`insert into notes values ('next')`;
      goOn();
      await expect.poll(() => tried).toBe(true);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await other`insert into notes values ('next, too')`;
    });
    await inNext;
    tried = true;
    await transaction`insert into notes values ('late')`;
  });
  await expect(lost).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
  // The loss may be known before the answer to what caused it.
  await expect.poll(() => next !== undefined).toBe(true);
  await next;
  expect(await sql`select text from notes order by text`).toEqual([{ text: "next" }, { text: "next, too" }]);
  await sql.end();
});
