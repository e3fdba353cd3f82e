import { eventNames } from "../../generated/events.ts";
import type { AvailabilityEvent } from "../../generated/jobs.ts";
import type { EventBut } from "../event-of.ts";
import { follows, lowered, type Position, positionOf } from "../../delivery/event-order.ts";
import { statusFollows, type ToldStatus, type VisitStatus } from "../visit-status.ts";

export interface Place {
  doctorId: string;
  startsAt: Date;
  endsAt: Date;
  /** Booked over something on purpose; as with the producer, it leaves the slot to others. */
  overbooked: boolean;
  position: Position;
}

/** What is known of a visit. Its place and its status come from different events, so each has its own position. */
export interface Visit {
  place: Place | undefined;
  status: ToldStatus | undefined;
}

export type VisitEvent = EventBut<AvailabilityEvent, "doctorUpdated" | "appointmentContactChanged">;

export function isOfVisit(event: AvailabilityEvent): event is VisitEvent {
  return event.eventName !== eventNames.doctorUpdated && event.eventName !== eventNames.appointmentContactChanged;
}

const statusAfter: Record<VisitEvent["eventName"], VisitStatus> = {
  [eventNames.appointmentCreated]: "booked",
  [eventNames.appointmentRescheduled]: "booked",
  [eventNames.appointmentArrived]: "arrived",
  [eventNames.appointmentCompleted]: "completed",
  [eventNames.appointmentNoShow]: "no_show",
  [eventNames.appointmentCancelled]: "cancelled",
  [eventNames.appointmentReopened]: "booked",
};

/**
 * The visit after the event; the same object when the event is older than all that is known. An event that supersedes
 * counts whatever is known, also against a cancellation.
 */
export function visitAfter(visit: Visit, event: VisitEvent, supersedes = false): Visit {
  const position = positionOf(event);
  const place = placeIn(event, position);
  const placeMoves = place !== undefined && (supersedes || follows(position, visit.place?.position));
  const takesBack = event.eventName === eventNames.appointmentReopened;
  const status = { value: statusAfter[event.eventName], position, takesBack };
  const known = supersedes ? loweredVisit(visit, position) : visit;
  const statusMoves = supersedes || statusFollows(status, visit.status);
  if (!placeMoves && !statusMoves) return visit;
  return {
    place: placeMoves ? place : known.place,
    status: statusMoves ? status : known.status,
  };
}

/** The visit with its place and status as told right before the position, where they were told later. */
export function loweredVisit({ place, status }: Visit, position: Position): Visit {
  return {
    place: place && { ...place, position: lowered(place.position, position) },
    status: status && { ...status, position: lowered(status.position, position) },
  };
}

function placeIn(event: VisitEvent, position: Position): Place | undefined {
  if (
    event.eventName !== eventNames.appointmentCreated && event.eventName !== eventNames.appointmentRescheduled &&
    event.eventName !== eventNames.appointmentReopened
  ) return undefined;
  const { doctorId, appointmentDate, durationMinutes = 30, overbooked = false } = event.payload;
  const startsAt = new Date(appointmentDate);
  const endsAt = new Date(startsAt.getTime() + durationMinutes * 60_000);
  return { doctorId, startsAt, endsAt, overbooked, position };
}
