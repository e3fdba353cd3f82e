import { isDeepStrictEqual } from "node:util";
import { type DayOff, type DoctorState, type Meaning, present } from "./clinic.ts";

export type DoctorFields = Pick<DoctorState, "name" | "email" | "phone" | "timeZone" | "workingHours" | "exceptions">;

/** Adds or replaces; the same again is nothing new. Whoever is retired stays so. */
export function put(id: string, fields: DoctorFields, before: DoctorState | undefined): Meaning<DoctorState> {
  if (before && isDeepStrictEqual(present(fields), present(fieldsOf(before)))) return { status: 200 };
  const next = { ...fields, id, version: before?.version ?? 0, retired: before?.retired ?? false };
  return changed(next, before ? 200 : 201);
}

/** Each of the days is without hours from now on; it stands behind the days that had others before. */
export function addAbsence(days: string[], before: DoctorState | undefined): Meaning<DoctorState> {
  if (!before) return { status: 404 };
  const isAway = (day: string) =>
    before.exceptions.some(({ date, intervals }) => date === day && intervals.length === 0);
  if (days.every(isAway)) return { status: 200 };
  const others = before.exceptions.filter(({ date }) => !days.includes(date));
  const exceptions: DayOff[] = [...others, ...days.map((date) => ({ date, intervals: [] }))];
  return changed({ ...before, exceptions }, 200);
}

export function setRetired(retired: boolean, before: DoctorState | undefined): Meaning<DoctorState> {
  if (!before) return { status: 404 };
  return before.retired === retired ? { status: 200 } : changed({ ...before, retired }, 200);
}

/** The event tells all of the doctor, whatever changed. */
function changed(doctor: DoctorState, status: number): Meaning<DoctorState> {
  const payload = present({ ...fieldsOf(doctor), retired: doctor.retired || undefined });
  return {
    status,
    told: { eventName: "doctor.updated", version: 1, payload },
    next: { ...doctor, version: doctor.version + 1 },
  };
}

function fieldsOf({ name, email, phone, timeZone, workingHours, exceptions }: DoctorState): DoctorFields {
  return { name, email, phone, timeZone, workingHours, exceptions };
}
