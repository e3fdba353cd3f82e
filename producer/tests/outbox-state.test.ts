import { afterAll, beforeAll, expect, test } from "vitest";
import { readOutboxState } from "../src/outbox/outbox-state.ts";
import { createPrivateDatabase, type PrivateDatabase } from "./private-database.ts";

let database: PrivateDatabase;
beforeAll(async () => {
  database = await createPrivateDatabase();
});
afterAll(() => database.drop());

/** As long as a booking's events are; every tenth was refused. */
const fill = (count: number) =>
  database.sql`
    INSERT INTO outbox (
      event_id, event_name, aggregate_type, aggregate_id, aggregate_version, correlation_id, occurred_at, body, headers,
      created_at, last_error
    )
    SELECT gen_random_uuid(), 'appointment.created', 'appointment', gen_random_uuid(), 1, 'request-1', now(),
      repeat('x', 600), '{}', now() - interval '1 hour', CASE WHEN n % 10 = 0 THEN 'nacked' END
    FROM generate_series(1, ${count}::int) n`;

test("a small outbox is counted, a large one by a sample of its pages", async () => {
  expect(await readOutboxState(database.sql)).toEqual({ pending: 0, failed: 0, oldestAgeSeconds: 0 });
  await fill(1_000);
  const small = await readOutboxState(database.sql);
  expect(small).toMatchObject({ pending: 1_000, failed: 100 });
  expect(small.oldestAgeSeconds).toBeGreaterThanOrEqual(3_600);

  // In pieces, each of which ends before a statement's time does.
  for (let piece = 0; piece < 39; piece++) await fill(1_000);
  const large = await readOutboxState(database.sql);
  expect(Math.abs(large.pending - 40_000)).toBeLessThan(8_000);
  expect(Math.abs(large.failed - 4_000)).toBeLessThan(1_200);
});
