import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createSendLedger } from "../../../src/jobs/notifications/send-ledger.ts";
import { createTestDatabase, type TestDatabase } from "../../support/test-database.ts";

let database: TestDatabase;

beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

test("what nobody recorded and what nobody waits for any more is in the audit trail, once", async () => {
  const { sql } = database;
  const now = new Date("2026-03-01T10:00:00Z");
  const appointmentId = randomUUID();
  const send = (template: string, state: string, leaseUntil: string | null, expiresAt: string | null) =>
    sql`
      insert into sends (event_key, channel, recipient, template, appointment_id, correlation_id, content, state, due_at,
        lease_until, expires_at, created_at, updated_at)
      values ('e-1', 'email', 'ann@example.org', ${template}, ${appointmentId}, 'c-1', '{}', ${state}, ${now},
        ${leaseUntil}, ${expiresAt}, ${now}, ${now})`;
  await send("interrupted", "sending", "2026-03-01T09:59:59Z", null);
  await send("on its way", "sending", "2026-03-01T10:00:01Z", null);
  await send("too late", "pending", null, "2026-03-01T10:00:00Z");
  await send("in time", "pending", null, "2026-03-01T10:00:01Z");

  const ledger = createSendLedger({ sql, leaseMs: 1_000, now: () => now });
  expect(await ledger.expire()).toEqual({ unknown: 1, dropped: 1 });
  expect(await ledger.expire()).toEqual({ unknown: 0, dropped: 0 });
  expect(await sql`select template, state from sends order by id`).toEqual([
    { template: "interrupted", state: "unknown" },
    { template: "on its way", state: "sending" },
    { template: "too late", state: "dropped" },
    { template: "in time", state: "pending" },
  ]);
  const common = { job: "notifications", event_key: "e-1", aggregate_id: appointmentId, correlation_id: "c-1" };
  expect(
    await sql`
      select job, action, event_key, aggregate_id, correlation_id, detail->>'template' as template
      from audit_outcomes order by id`,
  ).toEqual([
    { ...common, action: "unknown", template: "interrupted" },
    { ...common, action: "dropped", template: "too late" },
  ]);
});
