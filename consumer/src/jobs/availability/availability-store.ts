import type { Sql, TransactionSql } from "postgres";
import type { Position } from "../../delivery/event-order.ts";
import { eventNames } from "../../generated/events.ts";
import type { AvailabilityEvent } from "../../generated/jobs.ts";
import type { JobStore } from "../job.ts";
import { addDoctors, type Doctor, type DoctorPositions, loadDoctorPositions, updateDoctors } from "./doctor-rows.ts";
import { isOfVisit, type Visit } from "./visit.ts";
import { addVisits, loadVisits, updateVisits } from "./visit-rows.ts";

/** What is known of the aggregate that the event is about; its visit is undefined when there is nothing of it. */
export interface Known {
  visit: Visit | undefined;
  doctor: Position | undefined;
}

export type Change = { visit: Visit } | { doctor: Doctor };

export type AvailabilityStore = JobStore<AvailabilityEvent, Known, Change>;

export function createAvailabilityStore(sql: TransactionSql): AvailabilityStore {
  const knownVisits = new Map<string, Visit>();
  const visits = new Map<string, Visit>();
  let knownDoctors: DoctorPositions = new Map();
  const doctors = new Map<string, Doctor>();
  const idOf = ({ aggregateId }: AvailabilityEvent) => aggregateId.toLowerCase();

  return {
    async load(told) {
      const ofDoctors = told.filter(({ event }) => event.eventName === eventNames.doctorUpdated);
      const doctorIds = ofDoctors.map(({ event }) => event.aggregateId);
      const ofVisits = told.filter(({ event, context }) =>
        isOfVisit(event) || (context.supersedes && event.eventName === eventNames.appointmentContactChanged)
      );
      const visitIds = ofVisits.map(({ event }) => event.aggregateId);
      const [known, positions] = await Promise.all([
        visitIds.length > 0 ? loadVisits(sql, visitIds) : [],
        doctorIds.length > 0 ? loadDoctorPositions(sql, doctorIds) : knownDoctors,
      ]);
      for (const [id, visit] of known) knownVisits.set(id, visit);
      knownDoctors = positions;
    },

    known(event) {
      const { aggregateId } = event;
      return {
        visit: visits.get(idOf(event)) ?? knownVisits.get(idOf(event)),
        doctor: doctors.get(aggregateId)?.position ?? knownDoctors.get(aggregateId),
      };
    },

    keep(event, change) {
      if ("visit" in change) visits.set(idOf(event), change.visit);
      else doctors.set(event.aggregateId, change.doctor);
    },

    async save() {
      const isKnown = ([id]: [string, unknown]) => knownVisits.has(id);
      const isKnownDoctor = ([id]: [string, unknown]) => knownDoctors.has(id);
      const [changed, isNew] = divided([...visits], isKnown);
      const [updated, added] = divided([...doctors], isKnownDoctor);
      await Promise.all([
        isNew.length > 0 && addVisits(sql, isNew),
        changed.length > 0 && updateVisits(sql, changed),
        added.length > 0 && addDoctors(sql, added),
        updated.length > 0 && updateDoctors(sql, updated),
      ]);
    },
  };
}

function divided<Item>(items: readonly Item[], isFirst: (item: Item) => boolean): [Item[], Item[]] {
  return [items.filter(isFirst), items.filter((item) => !isFirst(item))];
}

/** For a rebuild from an archive that begins at `since`: it tells no doctor's hours and no visit's place from before. */
export async function clearAvailability(sql: Sql | TransactionSql, since = new Date(0)): Promise<void> {
  await sql`delete from availability_visits where coalesce(place_at, status_at) >= ${since}`;
  await sql`delete from availability_doctors where updated_at >= ${since}`;
}
