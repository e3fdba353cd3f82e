import { eventNames } from "../generated/events.ts";
import type { NotificationsEvent } from "../generated/jobs.ts";
import type { EventBut, EventOf } from "./event-of.ts";
import { comparePositions, positionOf } from "./event-order.ts";
import type { Message } from "./notification-send.ts";
import type { Doctor, Visit } from "./notification-store.ts";

export type VisitEvent = EventBut<NotificationsEvent, "doctorUpdated">;

/** The doctors that an event speaks of. */
export interface Doctors {
  current: Doctor;
  /** The one that a reschedule took the visit from. */
  previous?: Doctor;
}

export interface Decision {
  visit: Visit;
  messages: Message[];
  /** Whether the visit's reminders are to be set anew, forgotten or left alone. */
  reminders: "set" | "drop" | "keep";
}

/** Where a visit's event stands: the next one to tell of, told already, or one whose predecessor is still to come. */
export function placeOf(event: VisitEvent, visit: Visit | undefined): "next" | "stale" | "early" {
  if (!visit) return event.eventName === eventNames.appointmentCreated ? "next" : "early";
  if (event.eventName === eventNames.appointmentCreated) return "stale";
  const position = positionOf(event);
  const distance = comparePositions(position, visit.position);
  if (position.version === undefined || visit.position.version === undefined) return distance < 0 ? "stale" : "next";
  if (distance <= 0) return "stale";
  return distance === 1 ? "next" : "early";
}

/** SEQUENCE is aggregateVersion - 1; events without a version are counted. */
function advance(event: VisitEvent, visit: Visit): Visit {
  const position = positionOf(event);
  return { ...visit, position, sequence: Math.max(visit.sequence + 1, (position.version ?? 1) - 1) };
}

/** The first event of a visit. */
export function decideCreated(event: EventOf<VisitEvent, "appointmentCreated">, doctors: Doctors): Decision {
  const { payload } = event;
  const visit: Visit = {
    appointmentId: event.aggregateId,
    position: positionOf(event),
    sequence: (event.aggregateVersion ?? 1) - 1,
    status: "booked",
    doctorId: payload.doctorId,
    startsAt: new Date(payload.appointmentDate),
    durationMinutes: payload.durationMinutes ?? 30,
    timeZone: payload.timeZone ?? doctors.current.timeZone,
    patientEmail: payload.patientEmail,
    patientPhone: payload.patientPhone,
    locale: payload.locale,
  };
  return { visit, messages: toBoth("booked", visit, doctors.current), reminders: "set" };
}

/** Every later event of a visit. */
export function decideNext(
  event: EventBut<VisitEvent, "appointmentCreated">,
  before: Visit,
  doctors: Doctors,
): Decision {
  const visit = advance(event, before);
  switch (event.eventName) {
    case eventNames.appointmentRescheduled:
      return decideRescheduled(event, before, visit, doctors);
    case eventNames.appointmentContactChanged:
      return decideContactChanged(event, before, visit, doctors);
    case eventNames.appointmentCancelled:
      return decideCancelled(event, visit, doctors.current);
    case eventNames.appointmentArrived:
      return { visit: { ...visit, status: "arrived" }, messages: [], reminders: "drop" };
    case eventNames.appointmentCompleted:
      return { visit: { ...visit, status: "completed" }, messages: [], reminders: "drop" };
    case eventNames.appointmentNoShow:
      return { visit: { ...visit, status: "no_show" }, messages: [], reminders: "drop" };
  }
}

function toBoth(occasion: "booked" | "cancelled", visit: Visit, doctor: Doctor): Message[] {
  return [{ to: "patient", occasion, visit, doctor }, { to: "doctor", occasion, visit, doctor }];
}

function decideRescheduled(
  event: EventOf<VisitEvent, "appointmentRescheduled">,
  before: Visit,
  advanced: Visit,
  { current, previous: left = current }: Doctors,
): Decision {
  const { payload } = event;
  const visit: Visit = {
    ...advanced,
    doctorId: payload.doctorId,
    startsAt: new Date(payload.appointmentDate),
    durationMinutes: payload.durationMinutes,
    timeZone: payload.timeZone ?? current.timeZone,
  };
  const previous = { startsAt: new Date(payload.previousAppointmentDate), doctor: left };
  const messages: Message[] = [{ to: "patient", occasion: "moved", visit, doctor: current, previous }];
  if (left.email === current.email) {
    // Also for two doctors with one mailbox: a CANCEL there would take away the REQUEST of the same SEQUENCE.
    messages.push({ to: "doctor", occasion: "moved", visit, doctor: current, previous });
  } else {
    const lost: Visit = { ...before, sequence: visit.sequence, startsAt: previous.startsAt };
    messages.push({ to: "doctor", occasion: "removed", visit: lost, doctor: left });
    messages.push({ to: "doctor", occasion: "booked", visit, doctor: current });
  }
  return { visit, messages, reminders: "set" };
}

function decideCancelled(
  { payload }: EventOf<VisitEvent, "appointmentCancelled">,
  advanced: Visit,
  doctor: Doctor,
): Decision {
  const visit: Visit = {
    ...advanced,
    status: "cancelled",
    doctorId: payload.doctorId,
    startsAt: new Date(payload.appointmentDate),
    durationMinutes: payload.durationMinutes,
  };
  return { visit, messages: toBoth("cancelled", visit, doctor), reminders: "drop" };
}

/**
 * A new address or number of a visit that is still to come gets the invitation. The old one gets nothing: it may never
 * have been the patient's, and a CANCEL of the same UID would empty the calendar of someone who reads both.
 */
function decideContactChanged(
  { payload }: EventOf<VisitEvent, "appointmentContactChanged">,
  before: Visit,
  advanced: Visit,
  { current }: Doctors,
): Decision {
  const visit: Visit = {
    ...advanced,
    patientEmail: payload.patientEmail ?? before.patientEmail,
    patientPhone: payload.patientPhone ?? before.patientPhone,
    locale: payload.locale ?? before.locale,
  };
  const channels: Message["channels"] = [];
  if (visit.patientEmail !== before.patientEmail) channels.push("email");
  if (visit.patientPhone !== before.patientPhone) channels.push("sms");
  const told = visit.status === "booked" && channels.length > 0;
  return {
    visit,
    messages: told ? [{ to: "patient", occasion: "contact", visit, doctor: current, channels }] : [],
    reminders: "keep",
  };
}
