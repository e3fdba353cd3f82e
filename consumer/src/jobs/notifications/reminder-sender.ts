import type { Logger } from "pino";
import type { Sql } from "postgres";
import type { SendOptions } from "./send.ts";
import { fireReminders } from "./reminder-queue.ts";
import { createBell } from "../../outgoing/bell.ts";
import type { Sender } from "../../outgoing/sender.ts";

export interface ReminderSenderDependencies extends SendOptions {
  sql: Sql;
  now: () => Date;
  log: Logger;
  pollMs: number;
  /** Called when reminders have become sends. */
  fired: () => void;
}

const batch = 50;

/** Turns reminders into sends when their time comes; the senders of the channels do the rest. */
export function createReminderSender(deps: ReminderSenderDependencies): Sender {
  const bell = createBell();

  async function fire(): Promise<number> {
    try {
      return await fireReminders(deps.sql, batch, deps.now(), deps);
    } catch (error) {
      deps.log.error({ sender: "reminders", err: error }, "firing reminders failed");
      return 0;
    }
  }

  return {
    name: "reminders",
    // No commit makes a reminder due; time does.
    wake: () => {},
    async run(signal) {
      signal.addEventListener("abort", bell.ring, { once: true });
      while (!signal.aborted) {
        const due = await fire();
        if (due > 0) deps.fired();
        if (due < batch) await bell.heard(deps.pollMs);
      }
    },
  };
}
