import { eventNames } from "../../generated/events.ts";
import type { EventBut, EventOf } from "../event-of.ts";
import { positionOf } from "../../delivery/event-order.ts";
import type { Channel, Message } from "./send.ts";
import type { Doctor, Visit } from "./store.ts";
import { advance, type VisitEvent } from "./turn.ts";
import { statusFollows, type VisitStatus } from "../visit-status.ts";
import { isSameZone } from "./same-zone.ts";

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
  /** Where nothing more about the visit may be sent to, not even what waits already. */
  silenced?: { channel: Channel; recipient: string } | undefined;
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
    patientEmail: "patientEmail" in payload ? payload.patientEmail : undefined,
    patientPhone: payload.patientPhone,
    patientName: payload.patientName,
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
  const quietly = (value: VisitStatus): Decision => {
    const told = { value, position: positionOf(event) };
    const status = statusFollows(told, { value: before.status, position: before.position }) ? value : before.status;
    return { visit: { ...visit, status }, messages: [], reminders: "drop" };
  };
  switch (event.eventName) {
    case eventNames.appointmentRescheduled:
      return decideRescheduled(event, before, visit, doctors);
    case eventNames.appointmentContactChanged:
      return decideContactChanged(event, before, visit, doctors);
    case eventNames.appointmentCancelled:
      return decideCancelled(event, visit, doctors.current);
    case eventNames.appointmentArrived:
      return quietly("arrived");
    case eventNames.appointmentCompleted:
      return quietly("completed");
    case eventNames.appointmentNoShow:
      return quietly("no_show");
    case eventNames.appointmentReopened:
      return decideReopened(event, before, visit, doctors.current);
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
  // Events without versions may come after the one that ended the visit.
  if (visit.status !== "booked") return { visit, messages: [], reminders: "drop" };
  const previous = { startsAt: new Date(payload.previousAppointmentDate), doctor: left };
  if (looksTheSame(payload, before, visit)) return { visit, messages: [], reminders: "keep" };
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

/** A visit whose zone got another name, or that is overbooked since, is as it was to everybody who reads of it. */
function looksTheSame(
  payload: EventOf<VisitEvent, "appointmentRescheduled">["payload"],
  before: Visit,
  visit: Visit,
): boolean {
  return payload.previousDoctorId === visit.doctorId && before.durationMinutes === visit.durationMinutes &&
    Date.parse(payload.previousAppointmentDate) === visit.startsAt.getTime() &&
    isSameZone(before.timeZone, visit.timeZone);
}

/** Nobody was told what is taken back, so nobody is told that it is; the reminders that are still to come come again. */
function decideReopened(
  event: EventOf<VisitEvent, "appointmentReopened">,
  before: Visit,
  advanced: Visit,
  doctor: Doctor,
): Decision {
  const { doctorId, appointmentDate, durationMinutes, timeZone = doctor.timeZone } = event.payload;
  const told = { value: "booked" as const, position: positionOf(event), takesBack: true };
  const status = statusFollows(told, { value: before.status, position: before.position }) ? told.value : before.status;
  const visit: Visit = {
    ...advanced,
    status,
    doctorId,
    startsAt: new Date(appointmentDate),
    durationMinutes,
    timeZone,
  };
  return { visit, messages: [], reminders: status === "booked" ? "set" : "drop" };
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
 * have been the patient's, and a CANCEL of the same UID would empty the calendar of someone who reads both. A number
 * that the patient took back gets nothing more at all.
 */
function decideContactChanged(
  { payload }: EventOf<VisitEvent, "appointmentContactChanged">,
  before: Visit,
  advanced: Visit,
  { current }: Doctors,
): Decision {
  const removed = payload.removed ?? [];
  const kept = <Field extends "patientEmail" | "patientPhone" | "patientName" | "locale">(field: Field): Visit[Field] =>
    removed.includes(field) ? undefined : before[field];
  const visit: Visit = {
    ...advanced,
    patientEmail: payload.patientEmail ?? kept("patientEmail"),
    patientPhone: payload.patientPhone ?? kept("patientPhone"),
    patientName: payload.patientName ?? kept("patientName"),
    locale: payload.locale ?? kept("locale"),
  };
  const channels: Channel[] = [];
  const hasNewEmail = visit.patientEmail !== undefined && visit.patientEmail !== before.patientEmail;
  if (hasNewEmail) channels.push("email");
  const hasNewPhone = visit.patientPhone !== undefined && visit.patientPhone !== before.patientPhone;
  if (hasNewPhone) channels.push("sms");
  const told = visit.status === "booked" && channels.length > 0;
  return {
    visit,
    messages: told ? [{ to: "patient", occasion: "contact", visit, doctor: current, channels }] : [],
    reminders: "keep",
    silenced: lostRecipient(before, visit, current),
  };
}

/** Where the patient was reached until now. A doctor who has the same one goes on getting what is theirs. */
function lostRecipient(before: Visit, visit: Visit, doctor: Doctor): Decision["silenced"] {
  const lost = (now: string | undefined, was: string | undefined, doctors: string | undefined) =>
    now === undefined && was !== doctors ? was : undefined;
  const phone = lost(visit.patientPhone, before.patientPhone, doctor.phone);
  if (phone !== undefined) return { channel: "sms", recipient: phone };
  const email = lost(visit.patientEmail, before.patientEmail, doctor.email);
  return email === undefined ? undefined : { channel: "email", recipient: email };
}
