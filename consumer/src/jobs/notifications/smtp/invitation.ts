import ical, { ICalAttendeeRole, ICalAttendeeStatus, ICalEventClass, ICalEventStatus } from "ical-generator";
import { Temporal } from "temporal-polyfill";
import { vtimezone } from "./vtimezone.ts";

export type CalendarMethod = "REQUEST" | "CANCEL";

export interface Invitation {
  method: CalendarMethod;
  /** The same for every message about the appointment. */
  uid: string;
  sequence: number;
  /** DTSTAMP. */
  stamp: Date;
  startsAt: Date;
  durationMinutes: number;
  timeZone: string;
  summary: string;
  location: string;
  /** The constant sender of every message. */
  organizer: { name: string; email: string };
  attendee: string;
}

/** A scheduling message (RFC 5546) to one attendee; the same invitation gives the same bytes. */
export function formatInvitation(invitation: Invitation): string {
  const { method, timeZone, startsAt, durationMinutes } = invitation;
  const instant = Temporal.Instant.fromEpochMilliseconds(startsAt.getTime());
  const start = instant.toZonedDateTimeISO(timeZone);
  const end = start.add({ minutes: durationMinutes });
  requireFourDigits(start.year, end.year, invitation.stamp.getUTCFullYear());
  const calendar = ical({
    method: method as never,
    prodId: { company: "Appointments", product: "Consumer" },
    // No name: ical-generator would write DTSTAMP in the calendar's zone, and RFC 5545 wants it in UTC.
    timezone: { name: null, generator: (zone) => vtimezone(zone, instant) },
  });
  const event = calendar.createEvent({
    id: invitation.uid,
    sequence: invitation.sequence,
    stamp: invitation.stamp,
    start,
    end,
    timezone: isRepeated(start) || isRepeated(end) ? null : timeZone,
    summary: invitation.summary,
    location: invitation.location,
    status: method === "CANCEL" ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
    class: ICalEventClass.PRIVATE,
    organizer: { name: invitation.organizer.name.replaceAll('"', "'"), email: invitation.organizer.email },
  });
  event.createAttendee({
    email: invitation.attendee,
    role: ICalAttendeeRole.REQ,
    status: ICalAttendeeStatus.NEEDSACTION,
    rsvp: false,
  });
  return `${calendar.toString()}\r\n`;
}

/** RFC 5545, 3.3.4: a date has eight digits. */
function requireFourDigits(...years: number[]): void {
  for (const year of years) {
    if (year < 1 || year > 9999) throw new RangeError(`iCalendar has no year ${year}`);
  }
}

/**
 * Whether the clocks show this local time twice. Then only UTC says which of the two is meant: RFC 5545, 3.3.5, reads
 * a local time as the first, and parsers differ.
 */
function isRepeated(time: Temporal.ZonedDateTime): boolean {
  const local = time.toPlainDateTime();
  const first = local.toZonedDateTime(time.timeZoneId, { disambiguation: "earlier" });
  const second = local.toZonedDateTime(time.timeZoneId, { disambiguation: "later" });
  return !first.equals(second);
}
