import pino from "pino";
import type { Sql } from "postgres";
import { expect } from "vitest";
import { createCalendarSender } from "../../../src/jobs/calendar/calendar-sender.ts";
import { eventually } from "../../support/eventually.ts";
import { runWorkers } from "../../support/run-workers.ts";

/** Runs a sender until no intent is pending. */
export async function settleCalendars(sql: Sql, url: string, log = pino({ enabled: false })): Promise<void> {
  const stop = new AbortController();
  const sender = createCalendarSender({
    sql,
    log,
    caldav: { url, username: "clinic", password: "secret", timeoutMs: 2000 },
    backoff: { baseMs: 10, capMs: 20 },
    afterOutageMs: 10,
    maxAttempts: 3,
  });
  const running = runWorkers(sql, [sender], stop.signal, 10);
  await eventually(async () => {
    expect(await sql`select from calendar_intents where state = 'pending'`).toHaveLength(0);
  });
  stop.abort();
  await running;
}
