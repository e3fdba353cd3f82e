import type { TransactionSql } from "postgres";
import type { CalendarEvent } from "../../generated/jobs.ts";
import { eventNames } from "../../generated/events.ts";
import type { JobStore } from "../job.ts";
import { addIntents, changeIntents, type KeptIntent, loadIntents } from "./intent-rows.ts";
import { type CalendarVisit, isOfCalendar } from "./visit.ts";
import { addVisits, loadVisits, updateVisits } from "./visit-rows.ts";
import type { Contents, WantedEntries } from "./wanted-entries.ts";

export interface KnownVisit {
  /** Undefined when there is nothing of it. */
  visit: CalendarVisit | undefined;
  contents: Contents;
}

export interface Known {
  find(appointmentId: string): KnownVisit;
}

/** The event that wants entries so, and by which writing them continues its trace. */
export interface WantedBy {
  eventKey: string;
  correlationId: string | undefined;
  traceparent?: string | undefined;
}

export interface VisitChange {
  appointmentId: string;
  visit?: CalendarVisit | undefined;
  entries?: WantedEntries & WantedBy;
}

/** Of the visits that an event is about, in one order everywhere. */
export type Change = readonly VisitChange[];

export type CalendarStore = JobStore<CalendarEvent, Known, Change>;

const none: Contents = new Map();

export function createCalendarStore(sql: TransactionSql): CalendarStore {
  const knownVisits = new Map<string, CalendarVisit>();
  const visits = new Map<string, CalendarVisit>();
  const contents = new Map<string, Map<string, string | null>>();
  const added = new Map<string, KeptIntent>();
  const changed = new Map<string, KeptIntent>();
  const idsOf = (event: CalendarEvent) =>
    event.eventName === eventNames.patientErased ? event.payload.appointmentIds : [event.aggregateId];
  const keyOf = (id: string, doctorId: string) => `${id} ${doctorId}`;

  function contentsOf(id: string): Map<string, string | null> {
    const known = contents.get(id) ?? new Map<string, string | null>();
    contents.set(id, known);
    return known;
  }

  function keepEntries(id: string, entries: NonNullable<VisitChange["entries"]>): void {
    const { eventKey, correlationId, traceparent } = entries;
    const common = { appointmentId: id, eventKey, correlationId, traceparent };
    for (const entry of entries.added) {
      added.set(keyOf(id, entry.doctorId), { ...common, ...entry, revisions: 1 });
    }
    for (const entry of entries.changed) {
      const key = keyOf(id, entry.doctorId);
      const isNew = added.get(key);
      const revisions = (isNew ?? changed.get(key))?.revisions ?? 0;
      const kept = { ...common, ...entry, revisions: revisions + 1 };
      (isNew ? added : changed).set(key, kept);
    }
    for (const { doctorId, content } of [...entries.added, ...entries.changed]) contentsOf(id).set(doctorId, content);
  }

  return {
    async load(told) {
      const ids = told
        .filter(({ event, context }) =>
          isOfCalendar(event) || context.supersedes || event.eventName === eventNames.patientErased
        )
        .flatMap(({ event }) => idsOf(event));
      if (ids.length === 0) return;
      const [known, intents] = await Promise.all([loadVisits(sql, ids), loadIntents(sql, ids)]);
      for (const [id, visit] of known) knownVisits.set(id, visit);
      for (const { appointmentId, doctorId, content } of intents) contentsOf(appointmentId).set(doctorId, content);
    },

    known: () => ({
      find(appointmentId) {
        const id = appointmentId.toLowerCase();
        return { visit: visits.get(id) ?? knownVisits.get(id), contents: contents.get(id) ?? none };
      },
    }),

    keep(_, changes) {
      for (const { appointmentId, visit, entries } of changes) {
        const id = appointmentId.toLowerCase();
        if (visit) visits.set(id, visit);
        if (entries) keepEntries(id, entries);
      }
    },

    save() {
      const updated = [...visits].filter(([id]) => knownVisits.has(id));
      const isNew = [...visits].filter(([id]) => !knownVisits.has(id));
      // In this order: an intent refers to its visit.
      return Promise.all([
        isNew.length > 0 && addVisits(sql, isNew),
        updated.length > 0 && updateVisits(sql, updated),
        added.size > 0 && addIntents(sql, [...added.values()]),
        changed.size > 0 && changeIntents(sql, [...changed.values()]),
      ]);
    },
  };
}
