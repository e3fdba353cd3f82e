import { eventNames } from "../generated/events.ts";
import { advance, type Appointment } from "./appointment.ts";
import type { Decision } from "./decision.ts";

export const contactFields = ["patientEmail", "patientPhone", "patientName", "locale"] as const;

export type ChangeContact = Partial<Record<(typeof contactFields)[number], string | undefined>>;

/** The event names what is different, and nothing else. */
export function changeContact(
  command: ChangeContact,
  current: Appointment,
  now: Date,
): Decision<Appointment> | undefined {
  const changed = contactFields.filter((key) => command[key] !== undefined && command[key] !== current[key]);
  if (changed.length === 0) return undefined;
  const payload = Object.fromEntries(changed.map((key) => [key, command[key] as string]));
  return {
    event: { eventName: eventNames.appointmentContactChanged, payload },
    next: advance(current, now, payload),
  };
}
