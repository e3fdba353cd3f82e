import type { Sql, TransactionSql } from "postgres";
import { decideReminder, type DueReminder, reminderKey } from "./reminder.ts";
import type { SendOptions } from "./send.ts";
import { appendAudit } from "../audit/audit-log.ts";
import { addSends } from "./new-sends.ts";
import { findDoctors } from "./doctor-rows.ts";
import { visitOf, type VisitRow } from "./visit-rows.ts";

type DueRow = VisitRow & { lead_minutes: number; correlation_id: string | null; overtaken: boolean };

/**
 * Turns up to `limit` due reminders into rows of the send ledger, in one transaction, and answers how many were due.
 * Reminder and visit are locked together, so an event of the visit comes wholly before or wholly after.
 */
export async function fireReminders(sql: Sql, limit: number, now: Date, options: SendOptions): Promise<number> {
  return await sql.begin(async (transaction) => {
    const rows = await transaction<DueRow[]>`
      select visits.*, due.lead_minutes, due.correlation_id, exists (
        select from notification_reminders as nearer
        where nearer.appointment_id = due.appointment_id and nearer.due_at > due.due_at and nearer.due_at <= ${now}
      ) as overtaken
      from notification_reminders as due
      join notification_visits as visits on visits.appointment_id = due.appointment_id
      where due.due_at <= ${now}
      order by due.due_at limit ${limit}
      for update of due, visits skip locked`;
    const found = await findDoctors(transaction, rows.map(({ doctor_id }) => doctor_id), []);
    const doctors = new Map(found.map((doctor) => [doctor.doctorId, doctor]));
    for (const row of rows) {
      const visit = visitOf(row);
      const doctor = doctors.get(visit.doctorId);
      if (!doctor) throw new Error(`doctor ${visit.doctorId} of a visit is not known`);
      const { lead_minutes: leadMinutes, overtaken } = row;
      const reminder = { leadMinutes, visit, doctor, correlationId: row.correlation_id ?? undefined, overtaken };
      const decided = decideReminder(reminder, now, options);
      if ("sends" in decided) await addSends(transaction, decided.sends);
      else await auditDropped(transaction, reminder, decided.dropped, now);
      await transaction`
        delete from notification_reminders
        where appointment_id = ${visit.appointmentId} and lead_minutes = ${leadMinutes}`;
    }
    return rows.length;
  });
}

async function auditDropped(
  sql: TransactionSql,
  reminder: DueReminder,
  reason: string,
  occurredAt: Date,
): Promise<void> {
  await appendAudit(sql, {
    occurredAt,
    job: "notifications",
    action: "dropped",
    eventKey: reminderKey(reminder),
    aggregateId: reminder.visit.appointmentId,
    correlationId: reminder.correlationId,
    detail: { reminder: reminder.leadMinutes, reason },
  });
}
