import { eventNames } from "../../generated/events.ts";
import type { NotificationsEvent } from "./event.ts";
import type { EventBut } from "../event-of.ts";
import { comparePositions, follows, positionOf } from "../../delivery/event-order.ts";
import type { Visit } from "./store.ts";

export type VisitEvent = EventBut<NotificationsEvent, "doctorUpdated" | "patientErased">;

/** Where a visit's event stands: the next one to tell of, told already, or one whose predecessor is still to come. */
export function turnOf(event: VisitEvent, visit: Visit | undefined): "next" | "stale" | "early" {
  if (!visit) return event.eventName === eventNames.appointmentCreated ? "next" : "early";
  if (event.eventName === eventNames.appointmentCreated) return "stale";
  const position = positionOf(event);
  const distance = comparePositions(position, visit.position);
  if (position.version !== undefined && visit.position.version !== undefined) {
    if (distance <= 0) return "stale";
    return distance === 1 ? "next" : "early";
  }
  // Nothing undoes a cancellation, so it is told whenever it comes.
  if (event.eventName === eventNames.appointmentCancelled) return visit.status === "cancelled" ? "stale" : "next";
  return distance < 0 ? "stale" : "next";
}

/** The visit at the event's place. SEQUENCE is aggregateVersion - 1; events without a version are counted. */
export function advance(event: VisitEvent, visit: Visit): Visit {
  const position = positionOf(event);
  return {
    ...visit,
    position: follows(position, visit.position) ? position : visit.position,
    sequence: Math.max(visit.sequence + 1, (position.version ?? 1) - 1),
  };
}
