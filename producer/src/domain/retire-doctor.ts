import type { Decision } from "./decision.ts";
import type { Doctor } from "./doctor.ts";
import { doctorChanged } from "./doctor-changed.ts";
import { DomainError } from "./domain-error.ts";

/** From now on nobody is booked with the doctor; the visits that there are stay. */
export function retireDoctor(current: Doctor, now: Date): Decision<Doctor> | undefined {
  if (current.retiredAt) return undefined;
  return doctorChanged({ ...current, retiredAt: now }, current.version, now);
}

export function returnDoctor(current: Doctor, now: Date): Decision<Doctor> | undefined {
  if (!current.retiredAt) return undefined;
  return doctorChanged({ ...current, retiredAt: undefined }, current.version, now);
}

/** Overbooking passes over hours and other visits, and not over this. */
export function requireActive(doctor: Doctor): void {
  if (!doctor.retiredAt) return;
  throw new DomainError("doctor-retired", `Doctor ${doctor.id} is retired and takes no visits`);
}
