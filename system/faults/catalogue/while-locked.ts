import type { Sql } from "postgres";

/** While the body runs, nobody writes to the table: what gets there waits, and everything before it is done. */
export async function whileLocked(sql: Sql, table: string, mode: string, body: () => Promise<void>): Promise<void> {
  await sql.begin(async (transaction) => {
    await transaction.unsafe(`LOCK TABLE ${table} IN ${mode} MODE`);
    await body();
  });
}
