import { eventNames } from "../generated/events.ts";
import { advance, type Appointment } from "./appointment.ts";
import type { Decision } from "./decision.ts";
import { invalidContact } from "./domain-error.ts";

export const contactFields = ["patientEmail", "patientPhone", "patientName", "locale"] as const;

/** What is absent stays as it is; `null` removes. */
export type ChangeContact = {
  readonly patientEmail?: string | null | undefined;
  readonly patientPhone?: string | null | undefined;
  readonly patientName?: string | null | undefined;
  readonly locale?: string | null | undefined;
};

/** The event names what is different, and nothing else. */
export function changeContact(
  command: ChangeContact,
  current: Appointment,
  now: Date,
): Decision<Appointment> | undefined {
  const changed = contactFields.filter((key) =>
    command[key] !== undefined && (command[key] ?? undefined) !== current[key]
  );
  if (changed.length === 0) return undefined;
  const removed = changed.filter((key) => command[key] === null);
  const present = changed.filter((key) => command[key] !== null);
  const payload = Object.fromEntries(present.map((key) => [key, command[key] as string]));
  const next = advance(current, now, { ...payload, ...Object.fromEntries(removed.map((key) => [key, undefined])) });
  if (next.patientEmail === undefined && next.patientPhone === undefined) {
    throw invalidContact(removed.filter((key) => key === "patientEmail" || key === "patientPhone"));
  }
  return {
    event: {
      eventName: eventNames.appointmentContactChanged,
      payload: { ...payload, ...(removed.length > 0 ? { removed } : {}) },
    },
    next,
  };
}
