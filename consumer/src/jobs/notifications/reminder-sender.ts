import type { Logger } from "pino";
import type { Sql } from "postgres";
import { createDueTask } from "../../outgoing/due-task.ts";
import type { Worker } from "../../outgoing/worker.ts";
import { fireReminders } from "./reminder-queue.ts";
import type { SendOptions } from "./send.ts";

export interface ReminderSenderDependencies extends SendOptions {
  sql: Sql;
  now: () => Date;
  log: Logger;
  /** Called when reminders have become sends. */
  fired: () => void;
}

const batch = 50;

/** Turns reminders into sends when their time comes; the senders of the channels do the rest. */
export function createReminderSender(deps: ReminderSenderDependencies): Worker {
  const { sql, now, log, fired } = deps;
  return createDueTask({
    name: "reminders",
    log,
    dueIn: (sql) => sql`select extract(epoch from min(due_at) - ${now()}::timestamptz) from notification_reminders`,
    async attempt() {
      const due = await fireReminders(sql, batch, now(), deps);
      if (due > 0) fired();
      return due === batch ? "more" : "done";
    },
  });
}
