import { type NewSend, type SendOptions, sendsOf } from "./send.ts";
import type { Doctor, Visit } from "./store.ts";

/** A reminder whose time has come, with what is known of its visit now. */
export interface DueReminder {
  leadMinutes: number;
  visit: Visit;
  doctor: Doctor;
  /** Of the event that set it. */
  correlationId: string | undefined;
  /** A reminder nearer to the visit is due as well: this one came late and would only repeat it. */
  overtaken: boolean;
}

/** In place of an event's key. A visit that was moved away and back is not reminded of twice. */
export function reminderKey({ visit, leadMinutes }: DueReminder): string {
  return `reminder:${visit.appointmentId}:${visit.startsAt.toISOString()}:${leadMinutes}`;
}

/** What a due reminder says to the patient, or why it says nothing. */
export function decideReminder(
  reminder: DueReminder,
  now: Date,
  options: SendOptions,
): { sends: NewSend[] } | { dropped: string } {
  const { visit, doctor, overtaken, correlationId } = reminder;
  if (visit.status !== "booked") return { dropped: `the visit is ${visit.status}` };
  if (visit.startsAt <= now) return { dropped: "the visit has begun" };
  if (overtaken) return { dropped: "a reminder nearer to the visit is due as well" };
  const context = {
    eventKey: reminderKey(reminder),
    correlationId,
    stamp: now.toISOString(),
    now,
    expiresAt: visit.startsAt,
  };
  return { sends: sendsOf({ to: "patient", occasion: "reminder", visit, doctor }, context, options) };
}
