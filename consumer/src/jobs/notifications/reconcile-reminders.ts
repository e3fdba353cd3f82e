import type { TransactionSql } from "postgres";
import { differingFields } from "../differing-fields.ts";
import type { Finding } from "../reconciliation.ts";
import type { Reminder } from "./store.ts";

/** Those that have not fired, by visit; held until the end of the transaction. */
export async function readReminders(sql: TransactionSql, ids: readonly string[]): Promise<Map<string, Reminder[]>> {
  const rows = await sql<(Omit<Reminder, "correlationId"> & { appointmentId: string; correlationId: string | null })[]>`
    select appointment_id as "appointmentId", lead_minutes as "leadMinutes", due_at as "dueAt",
      correlation_id as "correlationId"
    from notification_reminders where appointment_id = any(${[...ids]}::uuid[])
    order by appointment_id, lead_minutes for update`;
  const byVisit = new Map<string, Reminder[]>();
  for (const { appointmentId, correlationId, ...reminder } of rows) {
    const all = byVisit.get(appointmentId) ?? [];
    byVisit.set(appointmentId, [...all, { ...reminder, correlationId: correlationId ?? undefined }]);
  }
  return byVisit;
}

async function setReminder(sql: TransactionSql, appointmentId: string, reminder: Reminder): Promise<void> {
  const { leadMinutes, dueAt, correlationId = null } = reminder;
  await sql`
    insert into notification_reminders (appointment_id, lead_minutes, due_at, correlation_id)
    values (${appointmentId}, ${leadMinutes}, ${dueAt}, ${correlationId})
    on conflict (appointment_id, lead_minutes) do update
      set due_at = excluded.due_at, correlation_id = excluded.correlation_id`;
}

/** Those that are still to come. One of a time that the settings don't have any more stays while its visit is to come. */
export function compareReminders(
  aggregateId: string,
  kept: readonly Reminder[],
  told: readonly Reminder[],
  leadMinutes: readonly number[],
  now: Date,
): Finding[] {
  const expected = told.filter(({ dueAt }) => dueAt > now);
  const whatOf = (lead: number) => ({ aggregateId, what: `reminder ${lead} minutes before` });
  const set = expected.flatMap((reminder): Finding[] => {
    const known = kept.find((one) => one.leadMinutes === reminder.leadMinutes);
    const mend = (sql: TransactionSql) => setReminder(sql, aggregateId, reminder);
    const found = { ...whatOf(reminder.leadMinutes), how: "set as told", mend };
    if (!known) return [{ ...found, kind: "missing" }];
    const fields = differingFields({ dueAt: known.dueAt }, { dueAt: reminder.dueAt });
    return fields.length === 0 ? [] : [{ ...found, kind: "different", fields }];
  });
  const extra = kept.filter((one) =>
    one.dueAt > now && !expected.some(({ leadMinutes }) => leadMinutes === one.leadMinutes) &&
    (told.length === 0 || leadMinutes.includes(one.leadMinutes))
  );
  return [
    ...set,
    ...extra.map((one): Finding => ({
      ...whatOf(one.leadMinutes),
      kind: "extra",
      how: "deleted",
      mend: (sql) =>
        sql`delete from notification_reminders
          where appointment_id = ${aggregateId} and lead_minutes = ${one.leadMinutes}`,
    })),
  ];
}
