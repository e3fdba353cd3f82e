import type { Sql, TransactionSql } from "postgres";
import { contactOf, type Patient } from "./patient.ts";

/**
 * All that this service keeps of a patient (GDPR, article 15), as of one moment. `known` are the appointments that the
 * producer names: of those there may be an entry in a calendar or a row of the audit trail and nothing else.
 */
export async function exportPatient(sql: Sql, patient: Patient, known: readonly string[]) {
  return await sql.begin("isolation level repeatable read read only", async (transaction) => {
    const ids = [...new Set([...known, ...await findAppointments(transaction, patient)])].sort();
    const theirs = transaction`appointment_id = any(${ids}::uuid[])`;
    const [visits, sends, reminders, deadLetters, calendarEntries, slots, bookings, audit] = await Promise.all([
      transaction`select * from notification_visits where ${theirs} order by appointment_id`,
      transaction`
        select id, event_key, channel, recipient, template, appointment_id, content, state, reason, reference, created_at,
          updated_at
        from sends where ${theirs} order by id`,
      transaction`select * from notification_reminders where ${theirs} order by due_at`,
      transaction<{ body: Uint8Array }[]>`
        select id, job, reason, event_name, aggregate_id, body, headers, state, stored_at from dead_letters
        where lower(aggregate_id) = any(${ids}) or position(convert_to(${contactOf(patient)}, 'UTF8') in body) > 0
        order by id`,
      transaction`select appointment_id, doctor_id, content, state from calendar_intents where ${theirs} order by 1, 2`,
      transaction`select * from availability_visits where ${theirs} order by appointment_id`,
      transaction`select * from analytics_bookings where ${theirs} order by appointment_id`,
      transaction`
        select occurred_at, job, action, event_name, aggregate_id, actor, detail from audit_outcomes
        where aggregate_id = any(${ids}) order by id`,
    ]);
    const letters = deadLetters.map(({ body, ...letter }) => ({ ...letter, body: new TextDecoder().decode(body) }));
    return {
      visits: [...visits],
      sends: [...sends],
      reminders: [...reminders],
      deadLetters: letters,
      calendarEntries: [...calendarEntries],
      availability: [...slots],
      analytics: [...bookings],
      audit: [...audit],
    };
  });
}

/** By what a visit is known to have, and by what was said to whom about it. */
async function findAppointments(sql: TransactionSql, { email, phone }: Patient): Promise<string[]> {
  const rows = email === undefined
    ? await sql<{ id: string }[]>`
        select appointment_id as id from notification_visits where patient_phone = ${phone}
        union select appointment_id from sends where channel = 'sms' and recipient = ${phone}
        union select appointment_id from sends where content ->> 'patientPhone' = ${phone}`
    : await sql<{ id: string }[]>`
        select appointment_id as id from notification_visits where lower(patient_email) = lower(${email})
        union select appointment_id from sends where lower(content ->> 'patientEmail') = lower(${email})`;
  return rows.map(({ id }) => id);
}
