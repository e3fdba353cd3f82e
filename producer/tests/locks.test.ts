import { afterAll, beforeAll, expect, test } from "vitest";
import { connectDatabase, type Sql } from "../src/postgres/database.ts";
import { runLocksCommand } from "../src/postgres/locks-command.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
let holder: Sql;

beforeAll(async () => {
  database = await createPrivateDatabase();
  holder = connectDatabase(database.url, { max: 1, silentForMs: Infinity });
});
afterAll(async () => {
  await holder?.end({ timeout: 1 });
  await database?.drop();
});

test("a session that keeps the relay from its lease is listed, and ended by its process id", async () => {
  const session = await holder.reserve();
  await session`BEGIN`;
  const [{ pid }] = await session<[{ pid: number }]>`SELECT pg_backend_pid() AS pid`;
  await session`SELECT FROM relay_lease FOR UPDATE`;
  const { sql } = database;
  const waiter = sql`UPDATE relay_lease SET beat = beat + 1`.then(() => "done");

  const list = () => runLocksCommand(sql, { json: false });
  await expect.poll(list, { timeout: 30_000 }).toMatch(
    new RegExp(`^PID .*\\n${pid} .*idle in transaction .* 1 +UPDATE relay_lease`),
  );
  await expect(runLocksCommand(sql, { pid: 1, json: true })).rejects.toThrow("The session 1 keeps nobody waiting");
  expect(JSON.parse(await runLocksCommand(sql, { pid, json: true }))).toEqual({ pid, ended: true });
  expect(await waiter).toBe("done");
  expect(await list()).toBe("No session keeps another one waiting.");
});
