import { eventNames } from "../generated/events.ts";
import { advance, type Appointment, requirePatient, requireTransition } from "./appointment.ts";
import type { Decision } from "./decision.ts";
import { formatLocal } from "./local-time.ts";
import { omitUndefined } from "./omit-undefined.ts";

/** The statuses that can be taken back, by the names of their events. */
const eventStatus = { arrived: "arrived", fulfilled: "completed", noshow: "no_show" } as const;

/**
 * Takes back an arrival, a completion or a no-show. The event says where and when the visit is, so that who freed its
 * slot can take it again from the event alone. What is booked is not booked again.
 */
export function reopenAppointment(current: Appointment, now: Date): Decision<Appointment> | undefined {
  const { status, doctorId, startsAt, durationMinutes, timeZone, overbooked } = current;
  if (status === "booked") return undefined;
  requirePatient(current);
  requireTransition(current, "reopen");
  return {
    event: {
      eventName: eventNames.appointmentReopened,
      payload: omitUndefined({
        doctorId,
        appointmentDate: formatLocal(startsAt, timeZone),
        durationMinutes,
        previousStatus: eventStatus[status as keyof typeof eventStatus],
        timeZone,
        overbooked: overbooked || undefined,
      }),
    },
    next: advance(current, now, { status: "booked" }),
  };
}
