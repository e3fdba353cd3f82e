import type { Sql } from "postgres";
import { createBell } from "../../outgoing/bell.ts";
import type { Sender } from "../../outgoing/sender.ts";
import { errorText } from "../../telemetry/error-text.ts";
import type { Logger } from "../../telemetry/logger.ts";

/** Stands where no calendar server is configured, so that nothing waits for one: what is wanted is kept as `off`. */
export function createNoCalendarSender(
  { sql, log, pollMs = 5_000 }: { sql: Sql; log: Logger; pollMs?: number },
): Sender {
  const bell = createBell();
  return {
    name: "calendar",
    wake: bell.ring,
    async run(signal) {
      signal.addEventListener("abort", bell.ring, { once: true });
      while (!signal.aborted) {
        try {
          await sql`update calendar_intents set state = 'off' where state = 'pending'`;
        } catch (error) {
          log.error(
            { sender: "calendar", err: { message: errorText(error) } },
            "setting calendar intents aside failed",
          );
        }
        await bell.heard(pollMs);
      }
    },
  };
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
