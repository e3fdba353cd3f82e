import { eventNames } from "../generated/events.ts";
import type { Decision } from "./decision.ts";
import type { Doctor } from "./doctor.ts";
import { omitUndefined } from "./omit-undefined.ts";

/** The doctor as it is from now on, and the event that tells all of it: receivers keep the latest and ask nobody. */
export function doctorChanged(
  doctor: Omit<Doctor, "version" | "updatedAt">,
  before: number,
  now: Date,
): Decision<Doctor> {
  const { name, email, phone, timeZone, workingHours, exceptions, retiredAt } = doctor;
  return {
    event: {
      eventName: eventNames.doctorUpdated,
      payload: omitUndefined({
        name,
        email,
        phone,
        timeZone,
        workingHours: [...workingHours],
        exceptions: exceptions.map(({ date, intervals }) => ({ date, intervals: [...intervals] })),
        retired: retiredAt ? true : undefined,
      }),
    },
    next: { ...doctor, version: before + 1, updatedAt: now },
  };
}
