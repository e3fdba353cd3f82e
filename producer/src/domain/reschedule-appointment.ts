import { eventNames } from "../generated/events.ts";
import { advance, type Appointment, requireTransition } from "./appointment.ts";
import { checkVisit, requireDoctor } from "./check-visit.ts";
import type { Decision } from "./decision.ts";
import type { Doctor } from "./doctor.ts";
import { formatLocal, isSameZone, type WrittenTime } from "./local-time.ts";
import { omitUndefined } from "./omit-undefined.ts";

/** What is absent stays as it is. */
export type RescheduleAppointment = {
  readonly doctorId?: string | undefined;
  readonly start?: WrittenTime | undefined;
  readonly durationMinutes?: number | undefined;
  readonly timeZone?: string | undefined;
  readonly overbook: boolean;
};

/** `known` is the doctor of the visit as it will be. A visit that would be as it was is not moved. */
export function rescheduleAppointment(
  command: RescheduleAppointment,
  current: Appointment,
  known: Doctor | undefined,
  now: Date,
): Decision<Appointment> | undefined {
  requireTransition(current, "reschedule");
  const { overbook, doctorId = current.doctorId, durationMinutes = current.durationMinutes } = command;
  const doctor = requireDoctor(known, doctorId);
  const isOtherDoctor = doctorId !== current.doctorId;
  const timeZone = command.timeZone ?? (isOtherDoctor ? doctor.timeZone : current.timeZone);
  const start = command.start ?? { at: current.startsAt, text: current.startsAt.toISOString() };
  const isSame = !isOtherDoctor && durationMinutes === current.durationMinutes &&
    isSameZone(timeZone, current.timeZone) &&
    start.at.getTime() === current.startsAt.getTime() && overbook === current.overbooked;
  if (isSame) return undefined;

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
