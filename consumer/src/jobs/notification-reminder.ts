import { type NewSend, type SendOptions, sendsOf } from "./notification-send.ts";
import type { Doctor, Visit } from "./notification-store.ts";

/** A reminder whose time has come, with what is known of its visit now. */
export interface DueReminder {
  leadMinutes: number;
  visit: Visit;
  doctor: Doctor;
  /** A reminder nearer to the visit is due as well: this one came late and would only repeat it. */
  overtaken: boolean;
}

/** What a due reminder says to the patient; nothing when the visit is not to come any more. */
export function reminderSends(reminder: DueReminder, now: Date, options: SendOptions): NewSend[] {
  const { visit, doctor, leadMinutes, overtaken } = reminder;
  if (overtaken || visit.status !== "booked" || visit.startsAt <= now) return [];
  const context = {
    // A visit that was moved away and back is not reminded of twice.
    eventKey: `reminder:${visit.appointmentId}:${visit.startsAt.toISOString()}:${leadMinutes}`,
    correlationId: undefined,
    stamp: now.toISOString(),
    now,
    expiresAt: visit.startsAt,
  };
  return sendsOf({ to: "patient", occasion: "reminder", visit, doctor }, context, options);
}
