import ical, { ICalEventStatus } from "ical-generator";
import type { CalendarPlace } from "./visit.ts";

/**
 * The iCalendar object (RFC 5545) of a visit: its time and its id, nothing of the patient. The same place gives the
 * same bytes, so that writing it again changes nothing.
 */
export function calendarEntry(appointmentId: string, { startsAt, endsAt, position }: CalendarPlace): string {
  const calendar = ical({ prodId: { company: "Clinic", product: "Appointments", language: "EN" } });
  calendar.createEvent({
    id: appointmentId,
    start: startsAt,
    end: endsAt,
    stamp: position.at,
    sequence: (position.version ?? 1) - 1,
    status: ICalEventStatus.CONFIRMED,
    summary: "Appointment",
    description: `Reference ${appointmentId}`,
  });
  return `${calendar.toString()}\r\n`;
}

const meaningful = new Set(["UID", "SEQUENCE", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "STATUS"]);

/** Whether two iCalendar objects say the same of a visit, whatever a server made of their order and their folding. */
export function isSameEntry(a: string, b: string): boolean {
  return essence(a) === essence(b);
}

function essence(content: string): string {
  const lines = content.replaceAll(/\r?\n[ \t]/g, "").split(/\r?\n/);
  return lines.filter((line) => meaningful.has(line.split(/[:;]/, 1)[0] ?? "")).sort().join("\n");
}
