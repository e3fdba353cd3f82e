import type { Sql } from "postgres";
import { messageIdOf, referenceOf } from "../jobs/notifications/message-writer.ts";
import type { EntryFact, ReminderFact, SendFact } from "./facts.ts";

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Doctors have ids of the clinic's choosing, and no effects of their own. */
const isAppointment = (id: string) => uuid.test(id);

/** `from` is the address that mails are sent from; with `personal` it is told where to. */
export async function readSends(
  sql: Sql,
  appointmentId: string,
  { from, personal }: { from: string; personal: boolean },
): Promise<SendFact[]> {
  if (!isAppointment(appointmentId)) return [];
  type Row = Omit<SendFact, "knownAs" | "recipient"> & { recipient: string };
  const rows = await sql<Row[]>`
    select id, event_key as "eventKey", channel, template, recipient, state, attempts, due_at as "dueAt",
      created_at as "createdAt", updated_at as "updatedAt", reason, reference, settled_as as "settledAs",
      receipt, receipt_at as "receiptAt", content_hash as "contentHash"
    from sends where appointment_id = ${appointmentId} order by id limit 500`;
  return rows.map((row) => ({
    ...row,
    recipient: personal ? row.recipient : null,
    knownAs: row.channel === "email" ? `<${messageIdOf(row, from)}>` : referenceOf(row),
  }));
}

export async function readEntries(sql: Sql, appointmentId: string): Promise<EntryFact[]> {
  if (!isAppointment(appointmentId)) return [];
  return await sql<EntryFact[]>`
    select doctor_id as "doctorId", state, event_key as "eventKey", content is not null as wanted, attempts,
      wanted_at as "wantedAt", next_attempt_at as "nextAttemptAt", etag,
      coalesce(resource, appointment_id::text) as resource, last_error as "lastError"
    from calendar_intents where appointment_id = ${appointmentId} order by wanted_at`;
}

export async function readReminders(sql: Sql, appointmentId: string): Promise<ReminderFact[]> {
  if (!isAppointment(appointmentId)) return [];
  return await sql<ReminderFact[]>`
    select lead_minutes as "leadMinutes", due_at as "dueAt" from notification_reminders
    where appointment_id = ${appointmentId} order by due_at`;
}
