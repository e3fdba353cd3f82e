import { type Contact, type DoctorState, type Meaning, present, refused, type VisitState } from "./clinic.ts";
import { localTime } from "./local-time.ts";

export interface Booking {
  startsAt: number;
  durationMinutes?: number | undefined;
  timeZone?: string | undefined;
  overbook?: boolean | undefined;
  contact: Contact;
  reference?: string | undefined;
  metadata?: Record<string, string> | undefined;
}

const UNAVAILABLE = 409;

/** Version 1 of the event for every patient with an address, version 2 for the others. */
export function book(booking: Booking, doctor: DoctorState): Meaning<Omit<VisitState, "id">> {
  if (doctor.retired) return refused(UNAVAILABLE);
  const { startsAt, contact, reference, metadata = {} } = booking;
  const { durationMinutes = 30, timeZone = doctor.timeZone, overbook: overbooked = false } = booking;
  const visit = { doctorId: doctor.id, startsAt, durationMinutes, timeZone, overbooked, contact, reference, metadata };
  return {
    status: 201,
    told: {
      eventName: "appointment.created",
      version: contact.patientEmail === undefined ? 2 : 1,
      payload: present({
        ...contact,
        doctorId: doctor.id,
        appointmentDate: localTime(startsAt, timeZone),
        durationMinutes,
        timeZone,
        overbooked: overbooked || undefined,
      }),
    },
    next: { ...visit, status: "booked", version: 1, aggregateVersion: 1 },
  };
}

export interface Move {
  /** The doctor of the visit as it will be. */
  doctor: DoctorState;
  startsAt?: number | undefined;
  durationMinutes?: number | undefined;
  /** null is the doctor's. */
  timeZone?: string | null | undefined;
  overbook?: boolean | undefined;
}

/** What is not named stays; a visit that goes to another doctor takes that doctor's time zone, unless one is named. */
export function reschedule(move: Move, before: VisitState, now: number): Meaning<VisitState> {
  if (before.status !== "booked") return refused(409);
  const { doctor, startsAt = before.startsAt, durationMinutes = before.durationMinutes } = move;
  const isOther = doctor.id !== before.doctorId;
  const zone = move.timeZone === undefined ? (isOther ? null : before.timeZone) : move.timeZone;
  const after = {
    doctorId: doctor.id,
    startsAt,
    durationMinutes,
    timeZone: zone ?? doctor.timeZone,
    overbooked: move.overbook ?? before.overbooked,
  };
  if (isIn(before, after)) return { status: 200 };
  const end = (visit: { startsAt: number; durationMinutes: number }) => visit.startsAt + visit.durationMinutes * 60_000;
  const isWithin = !isOther && startsAt >= before.startsAt && end(after) <= end(before);
  if (doctor.retired && !isWithin) return refused(UNAVAILABLE);
  if (startsAt <= now) return refused(400);
  const payload = {
    doctorId: after.doctorId,
    appointmentDate: localTime(startsAt, after.timeZone),
    durationMinutes,
    previousDoctorId: before.doctorId,
    previousAppointmentDate: localTime(before.startsAt, before.timeZone),
    previousDurationMinutes: before.durationMinutes,
    timeZone: after.timeZone,
    overbooked: after.overbooked || undefined,
  };
  return told("appointment.rescheduled", payload, before, after);
}

function isIn(visit: VisitState, fields: Partial<VisitState>): boolean {
  return Object.entries(fields).every(([name, value]) => visit[name as keyof VisitState] === value);
}

/** Cancelling twice is nothing new, whatever the reason this time. */
export function cancel(
  why: { cancelledBy?: string | undefined; reasonCode?: string | undefined },
  before: VisitState,
): Meaning<VisitState> {
  if (before.status === "cancelled") return { status: 200 };
  if (before.status !== "booked") return refused(409);
  const { durationMinutes } = before;
  return told("appointment.cancelled", { ...place(before), durationMinutes, ...why }, before, { status: "cancelled" });
}

const STEPS = {
  "arrive": { from: "booked", to: "arrived", eventName: "appointment.arrived" },
  "complete": { from: "arrived", to: "fulfilled", eventName: "appointment.completed" },
  "no-show": { from: "booked", to: "noshow", eventName: "appointment.no_show" },
} as const;
export type StepName = keyof typeof STEPS;

/** A step that was taken is nothing new; none is taken before its time, by more than the day of the visit. */
export function takeStep(step: StepName, before: VisitState, isItsTime: boolean): Meaning<VisitState> {
  const { from, to, eventName } = STEPS[step];
  if (before.status === to) return { status: 200 };
  if (before.status !== from || !isItsTime) return refused(409);
  return told(eventName, place(before), before, { status: to });
}

const TAKEN_BACK = { arrived: "arrived", fulfilled: "completed", noshow: "no_show" } as const;

export function reopen(before: VisitState): Meaning<VisitState> {
  const { status, durationMinutes, timeZone, overbooked } = before;
  if (status === "booked") return { status: 200 };
  if (status === "cancelled") return refused(409);
  const payload = {
    ...place(before),
    durationMinutes,
    previousStatus: TAKEN_BACK[status],
    timeZone,
    overbooked: overbooked || undefined,
  };
  return told("appointment.reopened", payload, before, { status: "booked" });
}

function place({ doctorId, startsAt, timeZone }: VisitState) {
  return { doctorId, appointmentDate: localTime(startsAt, timeZone) };
}

export function told(
  eventName: string,
  payload: object,
  before: VisitState,
  changes: Partial<VisitState>,
): Meaning<VisitState> {
  return {
    status: 200,
    told: { eventName, version: 1, payload: present(payload) },
    next: { ...before, ...changes, version: before.version + 1, aggregateVersion: before.aggregateVersion + 1 },
  };
}
