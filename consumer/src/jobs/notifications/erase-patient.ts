import type { TransactionSql } from "postgres";
import { eraseDeadLetters } from "../../delivery/dead-letters/erase-dead-letters.ts";
import { noteErased } from "../../delivery/erased-appointments.ts";
import { auditedColumns, type AuditedSend, auditSends } from "./send-audit.ts";

/** How much was cleared where. */
export interface ErasureReport {
  visits: number;
  sends: number;
  reminders: number;
  deadLetters: number;
}

/** Clears what is kept of the patient of these appointments; what still comes of them leaves nothing either. */
export async function erasePatient(sql: TransactionSql, ids: readonly string[], now: Date): Promise<ErasureReport> {
  await noteErased(sql, ids, now);
  const theirs = sql`appointment_id = any(${[...ids]}::uuid[])`;
  const contacts = await sql<{ contact: string }[]>`
    select patient_email as contact from notification_visits where ${theirs} and patient_email not in ('', 'erased')
    union select patient_phone from notification_visits where ${theirs} and patient_phone is not null
    union select recipient from sends where ${theirs} and template like 'patient-%' and recipient not like 'erased-%'`;
  const { count: visits } = await sql`
    update notification_visits set patient_email = '', patient_phone = null, patient_name = null, locale = null
    where ${theirs}`;
  const { count: reminders } = await sql`delete from notification_reminders where ${theirs}`;
  const sends = await eraseSends(sql, ids, now);
  const deadLetters = await eraseDeadLetters(sql, { ids, contacts: contacts.map(({ contact }) => contact), now });
  return { visits, sends, reminders, deadLetters };
}

/**
 * What waits is dropped. What a sender holds at this moment cannot be called back, but is past its time, so that nothing
 * brings it back. A doctor stays the recipient of what the doctor was sent; every other recipient is the patient.
 */
async function eraseSends(sql: TransactionSql, ids: readonly string[], now: Date): Promise<number> {
  const theirs = sql`appointment_id = any(${[...ids]}::uuid[])`;
  const dropped = await sql<AuditedSend[]>`
    update sends set state = 'dropped', updated_at = ${now}
    where ${theirs} and state in ('pending', 'failed', 'unknown') and settled_as is null
    returning ${auditedColumns(sql)}`;
  await auditSends(sql, dropped, "dropped", now);
  const isDoctors = sql`(template like 'doctor-%' or exists (
    select from notification_doctors where phone = recipient or email = recipient))`;
  const { count } = await sql`
    update sends set
      content = '{}', content_hash = null, content_forgotten = true, expires_at = ${now},
      recipient = case when ${isDoctors} then recipient else 'erased-' || id end,
      reason = case when reason is not null or state = 'dropped' then 'the patient was erased' end
    where ${theirs}`;
  return count;
}
