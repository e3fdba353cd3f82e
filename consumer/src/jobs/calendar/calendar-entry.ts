import ical, { ICalEventStatus } from "ical-generator";
import { isUuid } from "../../formats.ts";
import type { CalendarPlace } from "./visit.ts";

/**
 * The UID of a visit's entry. Not the appointment's id, which is the mailed invitation's: a calendar that had both would
 * take one for the other (RFC 4791, 5.3.2.1: a UID is in a calendar once).
 */
export function entryUid(appointmentId: string): string {
  return `visit-${appointmentId}`;
}

interface EntryValues {
  UID: string;
  SEQUENCE: number;
  DTSTAMP: Date;
  DTSTART: Date;
  DTEND: Date;
  /** Absent where the patient was erased. */
  DESCRIPTION: string | undefined;
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
  return filled({
    UID: entryUid(appointmentId),
    SEQUENCE: (position.version ?? 1) - 1,
    DTSTAMP: position.at,
    DTSTART: startsAt,
    DTEND: endsAt,
    DESCRIPTION: erased ? undefined : referenceTo(appointmentId),
  });
}

/** The visit that an entry is about and when it ends, where it is one of ours. */
export function visitOf(content: string): { appointmentId: string; endsAt: Date } | undefined {
  const [, appointmentId = ""] = /^visit-(.+)$/.exec(uidOf(content) ?? "") ?? [];
  const [, year, month, day, hour, minute, second] =
    /^DTEND:(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/m.exec(linesOf(content).join("\n")) ?? [];
  if (!isUuid(appointmentId) || year === undefined) return undefined;
  return { appointmentId, endsAt: new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`) };
}

/** As ical-generator writes it. */
export function writtenEntry({ UID, SEQUENCE, DTSTAMP, DTSTART, DTEND, DESCRIPTION }: EntryValues): string {
  const calendar = ical({ prodId: { company: "Clinic", product: "Appointments", language: "EN" } });
  calendar.createEvent({
    id: UID,
    start: DTSTART,
    end: DTEND,
    stamp: DTSTAMP,
    sequence: SEQUENCE,
    status: ICalEventStatus.CONFIRMED,
    summary: "Appointment",
    ...(DESCRIPTION !== undefined && { description: DESCRIPTION }),
  });
  return `${calendar.toString()}\r\n`;
}

let model: string[] | undefined;

/**
 * The same bytes as ical-generator's, from the lines that it wrote once: it makes an encoder for each character to fold
 * lines, which took half of this job's time, and no line of an entry is long enough to be folded.
 */
function filled(values: EntryValues): string {
  const times = [values.DTSTAMP, values.DTSTART, values.DTEND];
  if (!times.every(hasFourDigits)) return writtenEntry(values);
  model ??= writtenEntry({ ...values, DESCRIPTION: referenceTo("") }).split("\r\n");
  const lines: string[] = [];
  for (const line of model) {
    const name = line.slice(0, line.indexOf(":"));
    if (!Object.hasOwn(values, name)) lines.push(line);
    else {
      const value = values[name as keyof EntryValues];
      if (value !== undefined) lines.push(`${name}:${value instanceof Date ? inUtc(value) : value}`);
    }
  }
  return lines.join("\r\n");
}

function hasFourDigits(time: Date): boolean {
  const year = time.getUTCFullYear();
  return year >= 0 && year <= 9999;
}

/** RFC 5545, 3.3.5, form 2. */
function inUtc(time: Date): string {
  return time.toISOString().replaceAll(/[-:]|\.\d{3}/g, "");
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
