import { calendarEntry } from "./calendar-entry.ts";
import type { CalendarEvent } from "../../generated/jobs.ts";
import { type Change, createCalendarStore, type Known } from "./calendar-store.ts";
import { type CalendarVisit, calendarVisitAfter, doctorsNamedIn, isOfCalendar, loweredVisit } from "./visit.ts";
import { positionOf } from "../../delivery/event-order.ts";
import type { Decision, Job } from "../job.ts";
import { wantEntries } from "./wanted-entries.ts";

const nothing: CalendarVisit = { place: undefined, cancelled: false };

/** Writes down what each doctor's calendar should show of a visit; the calendar sender makes it so. */
export function createCalendarJob(): Job<CalendarEvent, Known, Change> {
  return {
    name: "calendar",
    createStore: createCalendarStore,
    decide(event, { visit, contents }, { eventKey, supersedes = false }): Decision<Change> {
      if (!isOfCalendar(event)) {
        return {
          outcome: { kind: "ignored", reason: "changes nothing that a calendar shows" },
          change: supersedes && visit ? { visit: loweredVisit(visit, positionOf(event)) } : undefined,
        };
      }
      const before = visit ?? nothing;
      const next = calendarVisitAfter(before, event, supersedes);
      const shown = next.cancelled ? undefined : next.place;
      const wanted = wantEntries(
        contents,
        doctorsNamedIn(event),
        shown && { doctorId: shown.doctorId, content: calendarEntry(event.aggregateId, shown) },
      );
      const entries = { ...wanted, eventKey, correlationId: event.correlationId };
      if (next === before) {
        return { outcome: { kind: "ignored", reason: "older than what was applied" }, change: { entries } };
      }
      const intents = wanted.changed.length + wanted.added.filter(({ content }) => content !== null).length;
      return { outcome: { kind: "applied", intents }, change: { visit: next, entries } };
    },
  };
}
