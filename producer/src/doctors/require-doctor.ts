import type { Doctor } from "../domain/doctor.ts";
import { DomainError } from "../domain/domain-error.ts";

/** The doctor that an address names. */
export function requireDoctor(doctor: Doctor | undefined, id: string): Doctor {
  if (doctor) return doctor;
  throw new DomainError("doctor-not-found", `There is no doctor ${id}`);
}
