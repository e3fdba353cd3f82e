import type { TransactionSql } from "postgres";
import type { NewSend } from "./send.ts";

/** The mails that invite a doctor, unless the calendar shows the visit by itself. */
const inviting: readonly string[] = ["doctor-booked", "doctor-moved"];

export function invites({ channel, template, content }: NewSend): boolean {
  return channel === "email" && inviting.includes(template) && content.calendarWritten === undefined;
}

/** Addresses of doctors who were sent an invitation to the visits, or will be. */
export async function findInvitedDoctors(
  sql: TransactionSql,
  appointmentIds: readonly string[],
): Promise<{ appointmentId: string; recipient: string }[]> {
  return await sql<{ appointmentId: string; recipient: string }[]>`
    select distinct appointment_id as "appointmentId", recipient from sends
    where appointment_id = any(${[...appointmentIds]}::uuid[]) and channel = 'email'
      and template in ('doctor-booked', 'doctor-moved') and content -> 'calendarWritten' is null`;
}
