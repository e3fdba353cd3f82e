import { checkVisit, requireDoctor } from "./check-visit.ts";
import { requireActive } from "./retire-doctor.ts";
import type { Doctor } from "./doctor.ts";
import { DomainError, invalidValue } from "./domain-error.ts";
import type { WrittenTime } from "./local-time.ts";

export type HoldTime = {
  readonly doctorId: string;
  readonly start: WrittenTime;
  readonly durationMinutes: number;
};

/** A time that is kept free for whoever knows the hold's id. */
export type Hold = {
  readonly id: string;
  readonly doctorId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
};

/** What can't be booked can't be held. That the time is free is for the database to say. */
export function checkHold(
  { doctorId, start, durationMinutes }: HoldTime,
  known: Doctor | undefined,
  now: Date,
): Doctor {
  const doctor = requireDoctor(known, doctorId);
  requireActive(doctor);
  checkVisit({ start, durationMinutes, timeZone: doctor.timeZone, overbook: false }, doctor, now);
  return doctor;
}

/** Refuses a visit that does not lie within the time that was held for it. */
export function requireHold(hold: Hold | undefined, visit: { doctorId: string; from: Date; to: Date }): void {
  if (!hold) throw new DomainError("hold-expired", "The hold has expired, was released, or was never there");
  if (hold.doctorId === visit.doctorId && hold.startsAt <= visit.from && visit.to <= hold.endsAt) return;
  throw invalidValue("holdId", "holds another time");
}
