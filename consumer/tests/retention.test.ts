import { afterAll, beforeAll, expect, test } from "vitest";
import { pruneDelivery } from "../src/delivery/prune-delivery.ts";
import { prune } from "../src/postgres/retention.ts";
import { createTestDatabase, type TestDatabase } from "./support/test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("what is older than the retention is deleted, what an operator has not settled is kept", async () => {
  const { sql } = database;
  const before = new Date("2026-03-01T00:00:00Z");
  await sql`
    insert into inbox
    select 'audit', 'e-' || n, 'appointment.created', 'a', 'applied', ${before}::timestamptz + (n - 6000.5) * interval '1 s'
    from generate_series(1, 6010) n`;
  await sql`
    insert into unfinished_starts values
      ('audit', 'old', 1, '2026-02-01'), ('audit', 'new', 1, '2026-03-02')`;
  const letter = (hash: string, settledAt: string | null) =>
    sql`
      insert into dead_letters
        (job, reason, event_key, body, properties, headers, delivery_hash, state, stored_at, settled_at)
      values ('audit', 'x', 'e', '', '{}', '{}', ${hash}, ${
      settledAt ? "replayed" : "stored"
    }, '2025-01-01', ${settledAt})`;
  await letter("waiting", null);
  await letter("settled long ago", "2026-02-28T23:00:00Z");
  await letter("settled lately", "2026-03-01T01:00:00Z");

  expect(await prune(sql, before, pruneDelivery)).toBe(6000 + 1 + 1);
  expect(await sql`select count(*)::integer as count from inbox`).toEqual([{ count: 10 }]);
  expect((await sql`select delivery_hash from dead_letters order by id`).map((row) => row.delivery_hash))
    .toEqual(["waiting", "settled lately"]);
  expect((await sql`select body_hash from unfinished_starts`).map((row) => row.body_hash)).toEqual(["new"]);
  expect(await prune(sql, before, pruneDelivery)).toBe(0);
});
