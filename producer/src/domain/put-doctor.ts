import { isDeepStrictEqual } from "node:util";
import { checkHours } from "./check-doctor.ts";
import type { Decision } from "./decision.ts";
import { doctorChanged } from "./doctor-changed.ts";
import type { Doctor } from "./doctor.ts";
import { isSameZone } from "./local-time.ts";

export type PutDoctor = Omit<Doctor, "version" | "retiredAt" | "createdAt" | "updatedAt">;

/**
 * Adds the doctor or replaces everything that is known of them; the same again changes nothing, nor does another name
 * for the same time zone. Whoever is retired stays so.
 */
export function putDoctor(command: PutDoctor, current: Doctor | undefined, now: Date): Decision<Doctor> | undefined {
  checkHours(command);
  if (current && isSame(command, described(current))) return undefined;
  const doctor = { ...command, retiredAt: current?.retiredAt, createdAt: current?.createdAt ?? now };
  return doctorChanged(doctor, current?.version ?? 0, now);
}

function isSame(command: PutDoctor, known: PutDoctor): boolean {
  const timeZone = isSameZone(command.timeZone, known.timeZone) ? known.timeZone : command.timeZone;
  return isDeepStrictEqual({ ...command, timeZone }, known);
}

function described(doctor: Doctor): PutDoctor {
  const { id, name, email, phone, timeZone, workingHours, exceptions } = doctor;
  return { id, name, email, phone, timeZone, workingHours, exceptions };
}
