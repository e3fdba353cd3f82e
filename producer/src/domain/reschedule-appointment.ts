import { eventNames } from "../generated/events.ts";
import { advance, type Appointment, endOf, requireTransition } from "./appointment.ts";
import { checkVisit, requireDoctor } from "./check-visit.ts";
import type { Decision } from "./decision.ts";
import type { Doctor } from "./doctor.ts";
import { formatLocal, isSameZone, type WrittenTime } from "./local-time.ts";
import { requireActive } from "./retire-doctor.ts";
import { omitUndefined } from "./omit-undefined.ts";

/** What is absent stays as it is, but for the zone of a visit that goes to another doctor; `null` is the doctor's. */
export type RescheduleAppointment = {
  readonly doctorId?: string | undefined;
  readonly start?: WrittenTime | undefined;
  readonly durationMinutes?: number | undefined;
  readonly timeZone?: string | null | undefined;
  readonly overbook?: boolean | undefined;
};

/** Whether the visit takes no time that it does not take already, so that nobody has to allow it again. */
export function staysWithin(command: RescheduleAppointment, current: Appointment): boolean {
  const { doctorId = current.doctorId, durationMinutes = current.durationMinutes } = command;
  const startsAt = command.start?.at ?? current.startsAt;
  return doctorId === current.doctorId && startsAt >= current.startsAt &&
    endOf({ startsAt, durationMinutes }) <= endOf(current);
}

/** `known` is the doctor of the visit as it will be. A visit that would be as it was is not moved. */
export function rescheduleAppointment(
  command: RescheduleAppointment,
  current: Appointment,
  known: Doctor | undefined,
  now: Date,
): Decision<Appointment> | undefined {
  requireTransition(current, "reschedule");
  const { doctorId = current.doctorId, durationMinutes = current.durationMinutes } = command;
  const overbook = command.overbook ?? current.overbooked;
  const doctor = requireDoctor(known, doctorId);
  const isOtherDoctor = doctorId !== current.doctorId;
  const isDoctorsZone = command.timeZone === null || (command.timeZone === undefined && isOtherDoctor);
  const timeZone = isDoctorsZone ? doctor.timeZone : command.timeZone ?? current.timeZone;
  const start = command.start ?? { at: current.startsAt, text: current.startsAt.toISOString() };
  const isSame = !isOtherDoctor && durationMinutes === current.durationMinutes &&
    isSameZone(timeZone, current.timeZone) &&
    start.at.getTime() === current.startsAt.getTime() && overbook === current.overbooked;
  if (isSame) return undefined;

  if (!staysWithin(command, current)) requireActive(doctor);
  checkVisit({ start, durationMinutes, timeZone, overbook }, doctor, now);
  return {
    event: {
      eventName: eventNames.appointmentRescheduled,
      payload: omitUndefined({
        doctorId,
        appointmentDate: formatLocal(start.at, timeZone),
        durationMinutes,
        previousDoctorId: current.doctorId,
        previousAppointmentDate: formatLocal(current.startsAt, current.timeZone),
        previousDurationMinutes: current.durationMinutes,
        timeZone,
        overbooked: overbook || undefined,
      }),
    },
    next: advance(current, now, { doctorId, startsAt: start.at, durationMinutes, timeZone, overbooked: overbook }),
  };
}
