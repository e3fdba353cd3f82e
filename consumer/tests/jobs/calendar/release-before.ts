import type { Sql } from "postgres";
import { migrate } from "../../../src/postgres/migrate.ts";

const migration = "027_calendar_entry_uids.sql";

/**
 * Takes what was written back to what release 0.1.0 left, entries with the invitation's UID, in the database and by
 * `write` in the calendars, and updates the database as the next release's start does.
 */
export async function updateFromRelease010(
  sql: Sql,
  write: (doctorId: string, appointmentId: string, content: string) => Promise<string | null>,
): Promise<void> {
  const rows = await sql<{ appointmentId: string; doctorId: string; written: string | null }[]>`
    update calendar_intents set
      content = replace(content, 'UID:visit-', 'UID:'), written = replace(written, 'UID:visit-', 'UID:')
    returning appointment_id as "appointmentId", doctor_id as "doctorId", written`;
  for (const { appointmentId, doctorId, written } of rows) {
    if (written === null) continue;
    await sql`
      update calendar_intents set etag = ${await write(doctorId, appointmentId, written)}
      where appointment_id = ${appointmentId} and doctor_id = ${doctorId}`;
  }
  await sql`alter table calendar_intents drop column resource`;
  await sql`delete from schema_migrations where name = ${migration}`;
  await migrate(sql);
}

/** The mailed invitation as a doctor's program stores it, without its METHOD. */
export function invitationCopy(appointmentId: string): string {
  return [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//Another program//EN",
    "BEGIN:VEVENT",
    `UID:${appointmentId}`,
    "DTSTAMP:20260401T100001Z",
    "DTSTART:20260504T090000Z",
    "DTEND:20260504T093000Z",
    "SUMMARY:Patient visit",
    "ORGANIZER:mailto:appointments@clinic.example",
    "ATTENDEE:mailto:house@clinic.example",
    "END:VEVENT",
    "END:VCALENDAR",
    "",
  ].join("\r\n");
}
