import { eventNames } from "../../generated/events.ts";
import type { CalendarEvent } from "../../generated/jobs.ts";
import type { EventOf } from "../event-of.ts";
import { follows, lowered, type Position, positionOf } from "../../delivery/event-order.ts";

export interface CalendarPlace {
  doctorId: string;
  startsAt: Date;
  endsAt: Date;
  position: Position;
}

/** What is known of a visit. Nothing undoes a cancellation, so it counts whenever it comes. */
export interface CalendarVisit {
  place: CalendarPlace | undefined;
  cancelled: boolean;
  /** The patient was erased: the entry shows that the time is taken, and nothing that leads to the appointment. */
  erased: boolean;
}

/** The events that change what a calendar shows. */
export type CalendarVisitEvent = EventOf<
  CalendarEvent,
  "appointmentCreated" | "appointmentRescheduled" | "appointmentCancelled"
>;

export function isOfCalendar(event: CalendarEvent): event is CalendarVisitEvent {
  const { eventName } = event;
  return eventName === eventNames.appointmentCreated || eventName === eventNames.appointmentRescheduled ||
    eventName === eventNames.appointmentCancelled;
}

/**
 * The visit after the event; the same object when the event is older than all that is known. A place that supersedes
 * counts whatever is known, also against a cancellation.
 */
export function calendarVisitAfter(
  visit: CalendarVisit,
  event: CalendarVisitEvent,
  supersedes = false,
): CalendarVisit {
  if (event.eventName === eventNames.appointmentCancelled) {
    if (visit.cancelled) return visit;
    return { ...(supersedes ? loweredVisit(visit, positionOf(event)) : visit), cancelled: true };
  }
  const position = positionOf(event);
  if (!supersedes && !follows(position, visit.place?.position)) return visit;
  const { doctorId, appointmentDate, durationMinutes = 30 } = event.payload;
  const startsAt = new Date(appointmentDate);
  const endsAt = new Date(startsAt.getTime() + durationMinutes * 60_000);
  return { ...visit, cancelled: visit.cancelled && !supersedes, place: { doctorId, startsAt, endsAt, position } };
}

/** The visit with its place as told right before the position, where it was told later. */
export function loweredVisit(visit: CalendarVisit, position: Position): CalendarVisit {
  const { place } = visit;
  return { ...visit, place: place && { ...place, position: lowered(place.position, position) } };
}

/** Whose calendars the event speaks of: each has an intent from then on, whichever of the events comes first. */
export function doctorsNamedIn(event: CalendarVisitEvent): string[] {
  const { doctorId } = event.payload;
  return event.eventName === eventNames.appointmentRescheduled
    ? [event.payload.previousDoctorId, doctorId]
    : [doctorId];
}
