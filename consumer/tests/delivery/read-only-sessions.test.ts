import { expect, test } from "vitest";
import { connectPostgres } from "../../src/postgres/connect.ts";
import { eventually } from "../support/eventually.ts";
import { createTestDatabase } from "../support/test-database.ts";

test("sessions that began while the database was read-only are left when it may write again, also those in use", async () => {
  const database = await createTestDatabase();
  const [{ name }] = await database.sql<[{ name: string }]>`select current_database() as name`;
  const setReadOnly = (to: "on" | "off") =>
    database.sql.begin(
      "read write",
      (tx) => tx.unsafe(`alter database "${name}" set default_transaction_read_only = ${to}`),
    );
  await setReadOnly("on");
  const sql = connectPostgres(database.url, { max: 2 });
  let stop = false;
  const use = async () => {
    while (!stop) await sql`select 1`.catch(() => {});
  };
  const users = [use(), use()];
  await expect(sql`create table written ()`).rejects.toMatchObject({ code: "25006" });
  await setReadOnly("off");
  await expect(sql`create table written ()`).rejects.toMatchObject({ code: "25006" });
  await eventually(() => sql`create table written ()`);
  stop = true;
  await Promise.all(users);
  await sql.end({ timeout: 5 });
  await database.drop();
});
