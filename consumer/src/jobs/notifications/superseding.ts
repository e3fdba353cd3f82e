import { eventNames } from "../../generated/events.ts";
import type { EventBut } from "../event-of.ts";
import { lowered, positionOf } from "../../delivery/event-order.ts";
import type { Visit } from "./store.ts";
import type { VisitEvent } from "./turn.ts";

/**
 * The visit as patient and doctor were told of it, at the place before the event: what they were told since then has
 * been lost by the producer. Only a change of contact says nothing of whether the visit takes place.
 */
export function resetTo(event: VisitEvent, told: Visit): Visit {
  return {
    ...told,
    position: lowered(told.position, positionOf(event)),
    status: event.eventName === eventNames.appointmentContactChanged ? told.status : "booked",
  };
}

/** The event told as a change from what was told last, which the producer doesn't know any more. */
export function fromWhatWasTold(
  event: EventBut<VisitEvent, "appointmentCreated">,
  told: Visit,
): EventBut<VisitEvent, "appointmentCreated"> {
  if (event.eventName !== eventNames.appointmentRescheduled) return event;
  const { doctorId: previousDoctorId, startsAt } = told;
  return {
    ...event,
    payload: { ...event.payload, previousDoctorId, previousAppointmentDate: startsAt.toISOString() },
  };
}
