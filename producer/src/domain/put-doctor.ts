import { isDeepStrictEqual } from "node:util";
import { eventNames } from "../generated/events.ts";
import { checkHours } from "./check-doctor.ts";
import type { Decision } from "./decision.ts";
import type { Doctor } from "./doctor.ts";
import { isSameZone } from "./local-time.ts";
import { omitUndefined } from "./omit-undefined.ts";

export type PutDoctor = Omit<Doctor, "version" | "createdAt" | "updatedAt">;

/**
 * Adds the doctor or replaces everything that is known of them; the same again changes nothing, nor does another name
 * for the same time zone.
 */
export function putDoctor(command: PutDoctor, current: Doctor | undefined, now: Date): Decision<Doctor> | undefined {
  const { id: _, ...payload } = command;
  checkHours(command);
  if (current && isSame(command, described(current))) return undefined;
  return {
    event: {
      eventName: eventNames.doctorUpdated,
      payload: omitUndefined({
        ...payload,
        workingHours: [...payload.workingHours],
        exceptions: payload.exceptions.map(({ date, intervals }) => ({ date, intervals: [...intervals] })),
      }),
    },
    next: {
      ...command,
      version: (current?.version ?? 0) + 1,
      createdAt: current?.createdAt ?? now,
      updatedAt: now,
    },
  };
}

function isSame(command: PutDoctor, known: PutDoctor): boolean {
  const timeZone = isSameZone(command.timeZone, known.timeZone) ? known.timeZone : command.timeZone;
  return isDeepStrictEqual({ ...command, timeZone }, known);
}

function described(doctor: Doctor): PutDoctor {
  const { id, name, email, phone, timeZone, workingHours, exceptions } = doctor;
  return { id, name, email, phone, timeZone, workingHours, exceptions };
}
