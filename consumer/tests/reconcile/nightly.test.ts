import { afterAll, beforeAll, expect, test } from "vitest";
import { modules } from "../../src/jobs/modules.ts";
import { readLastNight, takeNight } from "../../src/reconcile/night-store.ts";
import { createNightly } from "../../src/reconcile/nightly.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import { eventually } from "../support/eventually.ts";
import { doctorUpdated, historyOf } from "../support/restored-history.ts";
import { createReconcileHarness, type ReconcileHarness } from "./reconcile-harness.ts";

let ground: ReconcileHarness;

beforeAll(async () => {
  ground = await createReconcileHarness({ RECONCILE_AT: "02:30", RECONCILE_REPAIR: "true", RECONCILE_DAYS: "1000" });
});
afterAll(() => ground?.close());

test("each night one of the processes compares, and mends where that is set", async () => {
  const visit = historyOf();
  await ground.tell([doctorUpdated(1, "2026-04-01T09:00:00Z"), visit.created()]);
  await ground.sql`delete from analytics_bookings`;
  let now = new Date("2026-12-01T02:29:00Z");
  const stop = new AbortController();
  const { sql, config } = ground;
  const log = createLogger("silent");
  const running = Promise.all(
    [1, 2].map(() => createNightly({ sql, config, modules, now: () => now, log, everyMs: 10 }).run(stop.signal)),
  );
  const nights = () =>
    sql`select night::text, found, mended, failures from reconciliations where finished_at is not null`;
  try {
    now = new Date("2026-12-01T02:31:00Z");
    await eventually(async () => {
      expect(await nights()).toEqual([{ night: "2026-12-01", found: 1, mended: 1, failures: 0 }]);
    });
    expect(await sql`select from analytics_bookings`).toHaveLength(1);
    await sql`delete from analytics_bookings`;
    expect(await takeNight(sql, new Date("2026-12-01T02:30:00Z"), now)).toBe(false);
    now = new Date("2026-12-02T02:31:00Z");
    await eventually(async () => expect(await nights()).toHaveLength(2));
    expect(await sql`select from analytics_bookings`).toHaveLength(1);
    expect(await readLastNight(sql)).toEqual({ differences: 0, failures: 0 });
  } finally {
    stop.abort();
    await running;
  }
  expect(await sql`select from audit_outcomes where action = 'reconciled' and actor = 'nightly'`).toHaveLength(2);
});
