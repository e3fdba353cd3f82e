import { afterAll, beforeAll, expect, test } from "vitest";
import { addUpCounts, countCauses } from "../../src/delivery/dead-letters/dead-letter-counts.ts";
import { plantLetter } from "../support/planted-letters.ts";
import { historyOf } from "../support/restored-history.ts";
import { createTestDatabase, type TestDatabase } from "../support/test-database.ts";

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database?.drop());

test("the counts are those of the table, whatever is stored, settled, changed and deleted, by many at once", async () => {
  const { sql } = database;
  const counted = async () => (await countCauses(sql)).toSorted((a, b) => a.cause < b.cause ? -1 : 1);
  const real = () =>
    sql`
    select job, reason, count(*)::integer as count, cause from dead_letters where state = 'stored'
    group by job, reason, cause order by cause collate "C"`;
  await Promise.all(Array.from({ length: 60 }, async (_, index) => {
    const error = `cause ${"abc"[index % 3]}, after ${index} ms`;
    const id = await plantLetter(sql, { job: "audit", reason: "gap", error, event: historyOf().created() });
    if (index % 4 === 1) await sql`update dead_letters set state = 'discarded', settled_at = now() where id = ${id}`;
    if (index % 4 === 2) await sql`update dead_letters set reason = 'not-json' where id = ${id}`;
    if (index % 4 === 3) await sql`delete from dead_letters where id = ${id}`;
    if (index % 10 === 0) await addUpCounts(sql);
  }));
  expect(new Set((await counted()).map(({ cause }) => cause))).toEqual(
    new Set(["a", "b", "c"].map((one) => `cause ${one}, after N ms`)),
  );
  const sum = (rows: readonly { count: number }[]) => rows.reduce((all, { count }) => all + count, 0);
  expect(sum(await counted())).toBe(sum(await real() as unknown as { count: number }[]));
  expect((await counted()).length).toBe((await real()).length);

  await sql`insert into dead_letter_counts (job, reason, cause, delta) select 'audit', 'gap', 'more', 0 from generate_series(1, 600)`;
  const before = await counted();
  await Promise.all([addUpCounts(sql), addUpCounts(sql), addUpCounts(sql)]);
  expect(await counted()).toEqual(before);
  expect((await sql`select from dead_letter_counts`).length).toBeLessThan(100);
  await sql`truncate dead_letters`;
  expect(await counted()).toEqual([]);
});
