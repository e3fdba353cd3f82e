import { eventNames } from "../generated/events.ts";
import type { AvailabilityEvent } from "../generated/jobs.ts";
import type { EventBut } from "./event-of.ts";
import { comparePositions, type Position, positionOf } from "./event-order.ts";

export type VisitStatus = "booked" | "arrived" | "completed" | "no_show" | "cancelled";

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
  status: { value: VisitStatus; position: Position } | undefined;
}

export type VisitEvent = EventBut<AvailabilityEvent, "doctorUpdated" | "appointmentContactChanged">;

const statusAfter: Record<VisitEvent["eventName"], VisitStatus> = {
  [eventNames.appointmentCreated]: "booked",
  [eventNames.appointmentRescheduled]: "booked",
  [eventNames.appointmentArrived]: "arrived",
  [eventNames.appointmentCompleted]: "completed",
  [eventNames.appointmentNoShow]: "no_show",
  [eventNames.appointmentCancelled]: "cancelled",
};

/** The visit after the event; the same object when the event is older than all that is known. */
export function visitAfter(visit: Visit, event: VisitEvent): Visit {
  const position = positionOf(event);
  const place = placeIn(event, position);
  const placeMoves = place !== undefined && follows(position, visit.place?.position);
  const statusMoves = follows(position, visit.status?.position);
  if (!placeMoves && !statusMoves) return visit;
  return {
    place: placeMoves ? place : visit.place,
    status: statusMoves ? { value: statusAfter[event.eventName], position } : visit.status,
  };
}

function placeIn(event: VisitEvent, position: Position): Place | undefined {
  if (
    event.eventName !== eventNames.appointmentCreated && event.eventName !== eventNames.appointmentRescheduled
  ) return undefined;
  const { doctorId, appointmentDate, durationMinutes = 30, overbooked = false } = event.payload;
  const startsAt = new Date(appointmentDate);
  const endsAt = new Date(startsAt.getTime() + durationMinutes * 60_000);
  return { doctorId, startsAt, endsAt, overbooked, position };
}

function follows(position: Position, known: Position | undefined): boolean {
  return known === undefined || comparePositions(position, known) > 0;
}
