import { calendarEntry } from "./calendar-entry.ts";
import { eventNames } from "../../generated/events.ts";
import type { CalendarEvent } from "../../generated/jobs.ts";
import { type Change, createCalendarStore, type Known, type WantedBy } from "./calendar-store.ts";
import { type CalendarVisit, calendarVisitAfter, doctorsNamedIn, isOfCalendar, loweredVisit } from "./visit.ts";
import { positionOf } from "../../delivery/event-order.ts";
import type { EventOf } from "../event-of.ts";
import type { Decision, Job } from "../job.ts";
import { toBeDone, wantEntries } from "./wanted-entries.ts";

const nothing: CalendarVisit = { place: undefined, cancelled: false, erased: false };

/** Writes down what each doctor's calendar should show of a visit; the calendar sender makes it so. */
export function createCalendarJob(): Job<CalendarEvent, Known, Change> {
  return {
    name: "calendar",
    createStore: createCalendarStore,
    isFarReaching: ({ eventName }) => eventName === eventNames.patientErased,
    decide(event, { find }, { eventKey, traceparent, supersedes = false }): Decision<Change> {
      const wantedBy = { eventKey, correlationId: event.correlationId, traceparent };
      if (event.eventName === eventNames.patientErased) return decideErasure(event, find, wantedBy);
      const { aggregateId: appointmentId } = event;
      const { visit, contents } = find(appointmentId);
      if (!isOfCalendar(event)) {
        const outcome = { kind: "ignored", reason: "changes nothing that a calendar shows" } as const;
        if (!supersedes || !visit) return { outcome };
        return { outcome, change: [{ appointmentId, visit: loweredVisit(visit, positionOf(event)) }] };
      }
      const before = visit ?? nothing;
      const next = calendarVisitAfter(before, event, supersedes);
      const wanted = wantEntries(contents, doctorsNamedIn(event), shownOf(appointmentId, next));
      const entries = { ...wanted, ...wantedBy };
      if (next === before) {
        const outcome = { kind: "ignored", reason: "older than what was applied" } as const;
        return { outcome, change: [{ appointmentId, entries }] };
      }
      return {
        outcome: { kind: "applied", intents: toBeDone(wanted) },
        change: [{ appointmentId, visit: next, entries }],
      };
    },
  };
}

function shownOf(appointmentId: string, visit: CalendarVisit) {
  const { place, cancelled } = visit;
  if (!place || cancelled) return undefined;
  return { doctorId: place.doctorId, content: calendarEntry(appointmentId, place, visit) };
}

/** The entries stay, so that the times stay taken, without what they say. */
function decideErasure(
  { payload }: EventOf<CalendarEvent, "patientErased">,
  find: Known["find"],
  wantedBy: WantedBy,
): Decision<Change> {
  const change = payload.appointmentIds.map((appointmentId) => {
    const known = find(appointmentId);
    const visit = { ...known.visit ?? nothing, erased: true };
    const wanted = wantEntries(known.contents, [], shownOf(appointmentId, visit));
    return { appointmentId, visit, entries: { ...wanted, ...wantedBy } };
  });
  const intents = change.reduce((sum, { entries }) => sum + toBeDone(entries), 0);
  return { outcome: { kind: "applied", detail: `entries to write anew: ${intents}`, intents }, change };
}
