import type { Sql } from "postgres";
import { createDueTask } from "../../outgoing/due-task.ts";
import type { Worker } from "../../outgoing/worker.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** Stands where no calendar server is configured, so that nothing waits for one: what is wanted is kept as `off`. */
export function createNoCalendarSender({ sql, log }: { sql: Sql; log: Logger }): Worker {
  return createDueTask({
    name: "calendar",
    log,
    dueIn: (sql) => sql`select 0 from calendar_intents where state = 'pending' limit 1`,
    async attempt() {
      await sql`update calendar_intents set state = 'off' where state = 'pending'`;
      return "done";
    },
  });
}

/** Once calendars are written: the visits that are still to come are entered. */
export async function wakeSetAside(sql: Sql): Promise<void> {
  await sql`
    update calendar_intents as intent set
      state = case when written is distinct from content then 'pending' else 'done' end,
      wanted_at = now(), next_attempt_at = now(), attempts = 0
    from calendar_visits as visit
    where visit.appointment_id = intent.appointment_id and intent.state = 'off' and visit.ends_at > now()`;
}
