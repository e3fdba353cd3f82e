import ical, { ICalEventStatus } from "ical-generator";
import type { CalendarPlace } from "./visit.ts";

/**
 * The UID of a visit's entry. Not the appointment's id, which is the mailed invitation's: a calendar that had both would
 * take one for the other (RFC 4791, 5.3.2.1: a UID is in a calendar once).
 */
export function entryUid(appointmentId: string): string {
  return `visit-${appointmentId}`;
}

/**
 * The iCalendar object (RFC 5545) of a visit: its time and its id, nothing of the patient. The same place gives the
 * same bytes, so that writing it again changes nothing. Where the patient was erased it says the time only.
 */
export function calendarEntry(
  appointmentId: string,
  { startsAt, endsAt, position }: CalendarPlace,
  { erased = false } = {},
): string {
  const calendar = ical({ prodId: { company: "Clinic", product: "Appointments", language: "EN" } });
  calendar.createEvent({
    id: entryUid(appointmentId),
    start: startsAt,
    end: endsAt,
    stamp: position.at,
    sequence: (position.version ?? 1) - 1,
    status: ICalEventStatus.CONFIRMED,
    summary: "Appointment",
    ...(erased ? {} : { description: referenceTo(appointmentId) }),
  });
  return `${calendar.toString()}\r\n`;
}

const meaningful = new Set(["UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "STATUS"]);

/** Whether two iCalendar objects say the same of a visit, whatever a server made of their order and their folding. */
export function isSameEntry(a: string, b: string): boolean {
  return essence(a) === essence(b);
}

/** Whether it is the mailed invitation, put there by the doctor's mail or calendar program. */
export function isInvitationCopy(content: string, appointmentId: string): boolean {
  // Entries of release 0.1.0 had the invitation's UID.
  return uidOf(content) === appointmentId && !linesOf(content).includes(`DESCRIPTION:${referenceTo(appointmentId)}`);
}

/** The UID of an iCalendar object's first component that has one. */
export function uidOf(content: string): string | undefined {
  return linesOf(content).find((line) => /^UID[:;]/i.test(line))?.replace(/^[^:]*:/, "");
}

function referenceTo(appointmentId: string): string {
  return `Reference ${appointmentId}`;
}

function linesOf(content: string): string[] {
  return content.replaceAll(/\r?\n[ \t]/g, "").split(/\r?\n/);
}

function essence(content: string): string {
  return linesOf(content).filter((line) => meaningful.has(line.split(/[:;]/, 1)[0] ?? "")).sort().join("\n");
}
