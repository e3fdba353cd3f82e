import { eventNames } from "../generated/events.ts";
import type { Appointment, Metadata } from "./appointment.ts";
import { checkVisit, requireDoctor } from "./check-visit.ts";
import type { Decision } from "./decision.ts";
import type { Doctor } from "./doctor.ts";
import { formatLocal, type WrittenTime } from "./local-time.ts";
import { invalidContact } from "./domain-error.ts";
import { requireActive } from "./retire-doctor.ts";
import { omitUndefined } from "./omit-undefined.ts";

export type BookAppointment = {
  readonly id: string;
  readonly doctorId: string;
  readonly start: WrittenTime;
  readonly durationMinutes: number;
  readonly timeZone?: string | undefined;
  readonly patientEmail?: string | undefined;
  readonly patientPhone?: string | undefined;
  readonly patientName?: string | undefined;
  readonly locale?: string | undefined;
  readonly reference?: string | undefined;
  readonly metadata?: Metadata | undefined;
  readonly overbook: boolean;
};

export function bookAppointment(command: BookAppointment, known: Doctor | undefined, now: Date): Decision<Appointment> {
  const doctor = requireDoctor(known, command.doctorId);
  requireActive(doctor);
  const { id, doctorId, start, durationMinutes, patientEmail, patientPhone, patientName, locale, overbook } = command;
  const timeZone = command.timeZone ?? doctor.timeZone;
  checkVisit({ start, durationMinutes, timeZone, overbook }, doctor, now);
  const common = omitUndefined({
    doctorId,
    appointmentDate: formatLocal(start.at, timeZone),
    durationMinutes,
    timeZone,
    patientName,
    locale,
    overbooked: overbook || undefined,
  });
  return {
    event: createdEvent({ patientEmail, patientPhone }, common),
    next: {
      id,
      version: 1,
      aggregateVersion: 1,
      status: "booked",
      doctorId,
      startsAt: start.at,
      durationMinutes,
      timeZone,
      patientEmail,
      patientPhone,
      patientName,
      locale,
      reference: command.reference,
      metadata: command.metadata ?? {},
      overbooked: overbook,
      cancelledBy: undefined,
      reasonCode: undefined,
      erasedAt: undefined,
      contactProblems: [],
      contactRevision: 0,
      createdAt: now,
      updatedAt: now,
    },
  };
}

/** Version 1 for every patient with an address: readers of the release before know no other. */
function createdEvent<Common extends object>(
  { patientEmail, patientPhone }: Pick<BookAppointment, "patientEmail" | "patientPhone">,
  common: Common,
) {
  const eventName = eventNames.appointmentCreated;
  if (patientEmail !== undefined) {
    return { eventName, version: 1, payload: { patientEmail, ...omitUndefined({ patientPhone }), ...common } } as const;
  }
  if (patientPhone === undefined) throw invalidContact(["patientEmail", "patientPhone"]);
  return { eventName, version: 2, payload: { patientPhone, ...common } } as const;
}
