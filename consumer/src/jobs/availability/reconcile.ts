import { isUuid } from "../../formats.ts";
import type { AvailabilityEvent } from "../../generated/jobs.ts";
import { compareRow } from "../compare-row.ts";
import type { Told } from "../job.ts";
import type { Reconciliation } from "../reconciliation.ts";
import { createAvailabilityJob } from "./availability.ts";
import { addDoctors, type Doctor, lockDoctors, updateDoctors } from "./doctor-rows.ts";
import type { Visit } from "./visit.ts";
import { addVisits, loadVisits, updateVisits } from "./visit-rows.ts";

const { decide } = createAvailabilityJob();

interface State {
  visit: Visit | undefined;
  doctor: Doctor | undefined;
}

function stateAfter(told: readonly Told<AvailabilityEvent>[]): State {
  const { visit, doctor } = told.reduce<State>((state, { event, context }) => {
    const known = { visit: state.visit, doctor: state.doctor?.position };
    return { ...state, ...decide(event, known, context).change };
  }, { visit: undefined, doctor: undefined });
  return { visit: visit && asKept(visit), doctor };
}

/** Without what only decisions go by. */
function asKept({ place, status }: Visit): Visit {
  return { place, status: status && { value: status.value, position: status.position } };
}

/** Visits and doctors' hours against the archive. */
export const availabilityReconciliation: Reconciliation = {
  async compare(sql, histories) {
    const ids = histories.map(({ aggregateId }) => aggregateId);
    const visits = new Map(await loadVisits(sql, ids.filter(isUuid)));
    const doctors = await lockDoctors(sql, ids);
    const findings = histories.flatMap(({ aggregateId, told }) => {
      const expected = stateAfter(told as Told<AvailabilityEvent>[]);
      const visit = compareRow({ aggregateId, what: "visit" }, visits.get(aggregateId), expected.visit, {
        add: (sql, visit) => addVisits(sql, [[aggregateId, visit]]),
        update: (sql, visit) => updateVisits(sql, [[aggregateId, visit]]),
        remove: (sql) => sql`delete from availability_visits where appointment_id = ${aggregateId}`,
      });
      const doctor = compareRow({ aggregateId, what: "doctor" }, doctors.get(aggregateId), expected.doctor, {
        add: (sql, doctor) => addDoctors(sql, [[aggregateId, doctor]]),
        update: (sql, doctor) => updateDoctors(sql, [[aggregateId, doctor]]),
        remove: (sql) => sql`delete from availability_doctors where doctor_id = ${aggregateId}`,
      });
      return [...visit, ...doctor];
    });
    return { findings, left: [] };
  },
  async kept(sql, from, to) {
    const rows = await sql<{ id: string }[]>`
      select appointment_id::text as id from availability_visits
      where coalesce(place_at, status_at) >= ${from} and coalesce(place_at, status_at) < ${to}
      union all
      select doctor_id from availability_doctors where updated_at >= ${from} and updated_at < ${to}`;
    return rows.map(({ id }) => id);
  },
};
