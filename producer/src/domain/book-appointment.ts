import { eventNames } from "../generated/events.ts";
import type { Appointment } from "./appointment.ts";
import type { Decision } from "./decision.ts";
import type { Doctor } from "./doctor.ts";
import { DomainError, invalidValue } from "./domain-error.ts";
import { formatLocal } from "./local-time.ts";
import { omitUndefined } from "./omit-undefined.ts";

export type BookAppointment = {
  readonly id: string;
  readonly doctorId: string;
  readonly startsAt: Date;
  readonly durationMinutes: number;
  readonly timeZone: string | undefined;
  readonly patientEmail: string;
  readonly patientPhone: string | undefined;
  readonly locale: string | undefined;
};

/** Two visits at one time are refused where the state is saved: only the database can know. */
export function bookAppointment(
  command: BookAppointment,
  doctor: Doctor | undefined,
  now: Date,
): Decision<Appointment> {
  if (!doctor) {
    throw new DomainError("unknown-doctor", `There is no doctor ${command.doctorId}`, {
      errors: [{ in: "body", pointer: "#/doctorId", detail: "is not known" }],
    });
  }
  if (command.startsAt <= now) throw invalidValue("appointmentDate", "must be in the future");

  const timeZone = command.timeZone ?? doctor.timeZone;
  return {
    event: {
      eventName: eventNames.appointmentCreated,
      payload: omitUndefined({
        patientEmail: command.patientEmail,
        doctorId: command.doctorId,
        appointmentDate: formatLocal(command.startsAt, timeZone),
        durationMinutes: command.durationMinutes,
        timeZone,
        patientPhone: command.patientPhone,
        locale: command.locale,
      }),
    },
    next: {
      ...command,
      timeZone,
      version: 1,
      status: "booked",
      overbooked: false,
      cancelledBy: undefined,
      reasonCode: undefined,
      createdAt: now,
      updatedAt: now,
    },
  };
}
