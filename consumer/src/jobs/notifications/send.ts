import { showSameTime } from "./show-same-time.ts";
import type { Doctor, Visit } from "./store.ts";

export type Channel = "email" | "sms";
export type Occasion = "booked" | "moved" | "contact" | "cancelled" | "removed" | "reminder";

/** What a template is filled with; frozen when the event is handled, so that the same bytes come of it whenever it goes out. */
export interface SendContent {
  locale: string;
  /** iCalendar SEQUENCE and DTSTAMP. */
  sequence: number;
  stamp: string;
  startsAt: string;
  durationMinutes: number;
  /** The reader's. */
  timeZone: string;
  /** The subject names the zone: the doctor's clock and the visit's show different times. */
  zoneInSubject?: true;
  doctorName: string;
  patientEmail?: string;
  /** Where there is no address. */
  patientPhone?: string;
  /** For a doctor's mail only. */
  patientName?: string;
  /** What it was before it changed. */
  previous?: { startsAt: string; doctorName: string };
  /** The doctor's calendar shows the visit by itself: told, and no invitation sent. */
  calendarWritten?: true;
}

/** A row for the send ledger. Event, channel, recipient and template make it unique. */
export interface NewSend {
  eventKey: string;
  channel: Channel;
  recipient: string;
  template: string;
  appointmentId: string;
  correlationId: string | undefined;
  /** By which sending it continues the trace of what it tells. */
  traceparent?: string | undefined;
  content: SendContent;
  dueAt: Date;
  /** After this it is dropped instead of sent. */
  expiresAt?: Date;
}

/** Something to tell the patient or a doctor, on every channel that reaches them. */
export interface Message {
  to: "patient" | "doctor";
  occasion: Occasion;
  visit: Visit;
  doctor: Doctor;
  /** What it was before it changed. */
  previous?: { startsAt: Date; doctor: Doctor };
  /** All of them where it is absent. */
  channels?: Channel[];
}

export interface SendContext {
  eventKey: string;
  correlationId: string | undefined;
  traceparent?: string | undefined;
  /** The event's timestamp, the DTSTAMP of its invitations. */
  stamp: string;
  now: Date;
  expiresAt?: Date;
  /** Addresses of doctors who were sent an invitation to the visit. Their copies of it go on being kept up to date. */
  invitedDoctors?: ReadonlySet<string>;
}

export interface SendOptions {
  /** Whether the doctors' calendars are written. */
  calendars?: boolean;
  /** Whether text messages are configured. */
  sms: boolean;
  /** BCP 47; for doctors, and for patients who named none. */
  defaultLocale: string;
}

/** A text message says the time and the clinic only, so both roles get the same, and fewer occasions differ. */
const smsTemplates: Record<Occasion, string> = {
  booked: "sms-booked",
  moved: "sms-moved",
  contact: "sms-booked",
  cancelled: "sms-cancelled",
  removed: "sms-cancelled",
  reminder: "sms-reminder",
};

/** The ledger rows that a message becomes. */
export function sendsOf(message: Message, context: SendContext, options: SendOptions): NewSend[] {
  const { to, occasion, visit, doctor, previous } = message;
  const moments = [visit.startsAt, ...(previous ? [previous.startsAt] : [])];
  const mistakable = moments.some((at) => !showSameTime(at, visit.timeZone, doctor.timeZone));
  const contact = to === "patient"
    ? { email: visit.patientEmail, phone: visit.patientPhone }
    : { email: doctor.email, phone: doctor.phone };
  const calendarWritten = options.calendars === true && to === "doctor" && !context.invitedDoctors?.has(doctor.email);
  const common = {
    eventKey: context.eventKey,
    appointmentId: visit.appointmentId,
    correlationId: context.correlationId,
    traceparent: context.traceparent,
    content: {
      locale: (to === "patient" ? visit.locale : undefined) ?? options.defaultLocale,
      sequence: visit.sequence,
      stamp: context.stamp,
      startsAt: visit.startsAt.toISOString(),
      durationMinutes: visit.durationMinutes,
      timeZone: to === "patient" ? visit.timeZone : doctor.timeZone,
      ...(mistakable && { zoneInSubject: true as const }),
      doctorName: doctor.name,
      ...(visit.patientEmail === undefined
        ? { ...(visit.patientPhone !== undefined && { patientPhone: visit.patientPhone }) }
        : { patientEmail: visit.patientEmail }),
      ...(previous && {
        previous: { startsAt: previous.startsAt.toISOString(), doctorName: previous.doctor.name },
      }),
      ...(calendarWritten && { calendarWritten }),
    },
    dueAt: context.now,
    ...(context.expiresAt && { expiresAt: context.expiresAt }),
  };
  const wanted = (channel: Channel) => message.channels?.includes(channel) ?? true;

  const sends: NewSend[] = [];
  if (wanted("email") && contact.email !== undefined) {
    const { patientName } = visit;
    const content = { ...common.content, ...(to === "doctor" && patientName !== undefined && { patientName }) };
    sends.push({ ...common, content, channel: "email", recipient: contact.email, template: `${to}-${occasion}` });
  }
  if (wanted("sms") && options.sms && contact.phone !== undefined) {
    sends.push({ ...common, channel: "sms", recipient: contact.phone, template: smsTemplates[occasion] });
  }
  return sends;
}
