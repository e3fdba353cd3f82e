import { createHash } from "node:crypto";
import { Buffer } from "node:buffer";
import { appointmentStore } from "../appointments/appointment-store.ts";
import { requireAppointment, requirePatient } from "../domain/appointment.ts";
import type { ContactProblem } from "../domain/contact-problem.ts";
import type { SqlOrTx, Tx } from "../postgres/database.ts";

export type FailedNotification = Required<ContactProblem> & {
  readonly id: string;
  readonly appointmentId: string;
  /** SHA-256, in hex, of the address in lower case or of the number. */
  readonly contact: string;
};

export type OptOut = { readonly id: string; readonly contact: string; readonly optedOut: boolean; readonly at: Date };

const digestOf = (contact: string) => createHash("sha256").update(contact).digest("hex");

/**
 * Whether a report of that id came before, of whatever kind and about whichever appointment: its event has the id, and
 * there is one event of it. Whoever reports it at the same time waits.
 */
async function findReport(tx: Tx, id: string): Promise<{ isShown: boolean } | undefined> {
  await tx`SELECT pg_advisory_xact_lock(hashtextextended(${`contact-report:${id}`}, 0))`;
  const [known] = await tx<{ isShown: boolean }[]>`
    SELECT cleared_at IS NULL AS "isShown" FROM contact_problems WHERE report_id = ${id}
    UNION ALL SELECT false FROM opt_out_reports WHERE report_id = ${id} LIMIT 1`;
  return known;
}

/** Keeps it with its appointment. What was reported before is not new. */
export async function keepFailure(
  tx: Tx,
  failure: FailedNotification,
  now: Date,
): Promise<{ isNew: boolean; isShown: boolean }> {
  const { id, appointmentId, channel, recipient, notification, reason, since, contact } = failure;
  const known = await findReport(tx, id);
  if (known) return { isNew: false, isShown: known.isShown };
  await tx`SELECT FROM appointments WHERE id = ${appointmentId} FOR UPDATE`;
  const appointment = requireAppointment(await appointmentStore.find(tx, appointmentId), appointmentId);
  requirePatient(appointment);
  const present = channel === "email" ? appointment.patientEmail?.toLowerCase() : appointment.patientPhone;
  const isShown = recipient === "doctor" || (present !== undefined && digestOf(present) === contact);
  await tx`
    INSERT INTO contact_problems ${
    tx({
      report_id: id,
      appointment_id: appointmentId,
      channel,
      recipient,
      notification,
      reason,
      since,
      cleared_at: isShown ? null : now,
    })
  }`;
  if (isShown) await countChange(tx, [appointmentId], now);
  return { isNew: true, isShown };
}

/** The appointments that show it from now on, or do not any more; undefined where it was reported before. */
export async function keepOptOut(tx: Tx, optOut: OptOut, now: Date): Promise<string[] | undefined> {
  const { id, contact, optedOut, at } = optOut;
  if (await findReport(tx, id)) return undefined;
  await tx`INSERT INTO opt_out_reports (report_id, reported_at) VALUES (${id}, ${now})`;
  const isOfNumber = tx`patient_phone IS NOT NULL AND sha256(patient_phone::bytea) = ${Buffer.from(contact, "hex")}`;
  // In the order of their ids, as every report and erasure locks them.
  const found = await tx<{ id: string }[]>`
    SELECT id::text FROM appointments
    WHERE ${isOfNumber} ${optedOut ? tx`AND status IN ('booked', 'arrived') AND ends_at > ${now}` : tx``}
    ORDER BY id FOR UPDATE`;
  const ids = found.map((row) => row.id);
  const changed = optedOut
    ? await tx<{ id: string }[]>`
      INSERT INTO contact_problems (report_id, appointment_id, channel, recipient, reason, since)
      SELECT ${id}, appointment, 'sms', 'patient', 'opted_out', ${at} FROM unnest(${ids}::uuid[]) AS appointment
      RETURNING appointment_id::text AS id`
    : await tx<{ id: string }[]>`
      UPDATE contact_problems SET cleared_at = ${now}
      WHERE appointment_id = ANY(${ids}::uuid[]) AND channel = 'sms' AND recipient = 'patient' AND reason = 'opted_out'
        AND cleared_at IS NULL
      RETURNING appointment_id::text AS id`;
  const appointmentIds = [...new Set(changed.map((row) => row.id))].sort();
  await countChange(tx, appointmentIds, now);
  return appointmentIds;
}

/** The answer is another one then, though the appointment is not. */
async function countChange(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  await tx`
    UPDATE appointments SET contact_revision = contact_revision + 1, updated_at = ${now}
    WHERE id = ANY(${[...ids]}::uuid[])`;
}

/** Deletes a batch of what is older than that; returns how many. */
export async function deleteOptOutReportsBefore(sql: SqlOrTx, time: Date, batch: number): Promise<number> {
  const { count } = await sql`
    DELETE FROM opt_out_reports WHERE report_id IN (
      SELECT report_id FROM opt_out_reports WHERE reported_at < ${time} ORDER BY reported_at LIMIT ${batch}
    )`;
  return count;
}
