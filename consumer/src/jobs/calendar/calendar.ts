import { calendarEntry } from "./calendar-entry.ts";
import { eventNames } from "../../generated/events.ts";
import type { CalendarEvent } from "../../generated/jobs.ts";
import { type CalendarStore, createCalendarStore } from "./calendar-store.ts";
import { calendarVisitAfter, doctorsNamedIn, loweredVisit } from "./visit.ts";
import { positionOf } from "../../delivery/event-order.ts";
import type { EventOf } from "../event-of.ts";
import type { Job, JobOutcome } from "../job.ts";

/** Writes down what each doctor's calendar should show of a visit; the calendar sender makes it so. */
export function createCalendarJob(): Job<CalendarEvent, CalendarStore> {
  return {
    name: "calendar",
    createStore: createCalendarStore,
    async handle(event, store, { eventKey, supersedes = false }) {
      if (event.eventName === eventNames.patientErased) return await handleErasure(event, store, eventKey);
      if (
        event.eventName !== eventNames.appointmentCreated && event.eventName !== eventNames.appointmentRescheduled &&
        event.eventName !== eventNames.appointmentCancelled
      ) {
        if (supersedes) {
          const visit = await store.lockVisit(event.aggregateId);
          await store.saveVisit(event.aggregateId, loweredVisit(visit, positionOf(event)));
        }
        return { kind: "ignored", reason: "changes nothing that a calendar shows" };
      }
      const appointmentId = event.aggregateId;
      const visit = await store.lockVisit(appointmentId);
      const next = calendarVisitAfter(visit, event, supersedes);
      if (next !== visit) await store.saveVisit(appointmentId, next);

      const shown = next.cancelled ? undefined : next.place;
      const intents = await store.want({
        appointmentId,
        named: doctorsNamedIn(event),
        shown: shown && { doctorId: shown.doctorId, content: calendarEntry(appointmentId, shown, next) },
        eventKey,
        correlationId: event.correlationId,
      });
      if (next === visit) return { kind: "ignored", reason: "older than what was applied" };
      return { kind: "applied", intents };
    },
  };
}

/** The entries stay, so that the times stay taken, without what they say. */
async function handleErasure(
  { payload, correlationId }: EventOf<CalendarEvent, "patientErased">,
  store: CalendarStore,
  eventKey: string,
): Promise<JobOutcome> {
  let intents = 0;
  // In one order, so that two erasures don't wait for each other.
  for (const appointmentId of payload.appointmentIds.toSorted()) {
    const visit = { ...await store.lockVisit(appointmentId), erased: true };
    await store.saveVisit(appointmentId, visit);
    const { place, cancelled } = visit;
    const shown = place && !cancelled
      ? { doctorId: place.doctorId, content: calendarEntry(appointmentId, place, visit) }
      : undefined;
    intents += await store.want({ appointmentId, named: [], shown, eventKey, correlationId });
  }
  return { kind: "applied", detail: `entries to write anew: ${intents}`, intents };
}
