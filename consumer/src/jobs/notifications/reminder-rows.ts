import type { TransactionSql } from "postgres";
import type { Reminder } from "./store.ts";
import { instants } from "../../postgres/columns.ts";

/** Sets these reminders of the visits in place of those that have not fired. */
export async function replaceReminders(
  sql: TransactionSql,
  byVisit: ReadonlyMap<string, readonly Reminder[]>,
): Promise<void> {
  const reminders = [...byVisit].flatMap(([appointmentId, all]) =>
    all.map((reminder) => ({ ...reminder, appointmentId }))
  );
  await Promise.all([
    sql`delete from notification_reminders where appointment_id = any(${[...byVisit.keys()]}::uuid[])`,
    reminders.length > 0 && sql`
      insert into notification_reminders (appointment_id, lead_minutes, due_at, correlation_id)
      select * from unnest(
        ${reminders.map(({ appointmentId }) => appointmentId)}::uuid[],
        ${reminders.map(({ leadMinutes }) => leadMinutes)}::integer[],
        ${instants(reminders.map(({ dueAt }) => dueAt))}::text[]::timestamptz[],
        ${reminders.map(({ correlationId = null }) => correlationId)}::text[]
      )`,
  ]);
}
