import type { Doctor } from "./doctor.ts";
import { DomainError, invalidValue } from "./domain-error.ts";
import { isSkippedLocalTime, type WrittenTime } from "./local-time.ts";
import { isWorkingTime } from "./working-time.ts";

export type Visit = {
  readonly start: WrittenTime;
  readonly durationMinutes: number;
  readonly timeZone: string;
  readonly overbook: boolean;
};

export function requireDoctor(doctor: Doctor | undefined, id: string): Doctor {
  if (doctor) return doctor;
  throw new DomainError("unknown-doctor", `There is no doctor ${id}`, {
    faults: [{ field: ["doctorId"], detail: "is not known" }],
  });
}

/** Refuses a time that can't be or must not be. That two visits do not overlap is for the database to say. */
export function checkVisit(visit: Visit, doctor: Doctor, now: Date): void {
  const { start, durationMinutes, timeZone, overbook } = visit;
  if (start.at <= now) throw invalidValue("appointmentDate", "must be in the future");
  if (isSkippedLocalTime(start, timeZone)) {
    throw invalidValue("appointmentDate", `does not exist in ${timeZone}: the clocks skip it`);
  }
  const from = start.at.getTime();
  if (!overbook && !isWorkingTime(doctor, { from, to: from + durationMinutes * 60_000 })) {
    throw new DomainError("outside-working-hours", `Doctor ${doctor.id} does not work at that time`);
  }
}
