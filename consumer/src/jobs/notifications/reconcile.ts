import type { TransactionSql } from "postgres";
import { erasedAmong } from "../../delivery/erased-appointments.ts";
import { isUuid } from "../../formats.ts";
import { eventNames } from "../../generated/events.ts";
import type { NotificationsEvent } from "../../generated/jobs.ts";
import { compareRow } from "../compare-row.ts";
import type { Job, Told } from "../job.ts";
import type { Compared, Finding, Reconciliation } from "../reconciliation.ts";
import { addDoctors, findDoctors, lockDoctors, updateDoctors } from "./doctor-rows.ts";
import { tellsOfErased } from "./erased-event.ts";
import { findInvitedDoctors } from "./invited-doctors.ts";
import { compareReminders, readReminders } from "./reconcile-reminders.ts";
import { compareSends, readLedger } from "./reconcile-sends.ts";
import type { NewSend } from "./send.ts";
import type { Change, Doctor, Known, Reminder, Visit } from "./store.ts";
import { addVisits, lockVisits, updateVisits } from "./visit-rows.ts";

type NotificationsJob = Job<NotificationsEvent, Known, Change>;
type OneTold = Told<NotificationsEvent>;

/** What the events make of a visit. */
export interface ExpectedVisit {
  visit: Visit | undefined;
  reminders: readonly Reminder[];
  /** What the last event that said anything had to say. */
  sends: readonly NewSend[];
}

const isOfDoctor = ({ event }: OneTold) => event.eventName === eventNames.doctorUpdated;

function doctorAfter(job: NotificationsJob, told: readonly OneTold[]): Doctor | undefined {
  let doctor: Doctor | undefined;
  for (const { event, context } of told.filter(isOfDoctor)) {
    const known = { isErased: false, visit: undefined, findDoctor: () => doctor, invitedDoctors: new Set<string>() };
    const { change } = job.decide(event, known, context);
    if (change && "doctor" in change) doctor = change.doctor;
  }
  return doctor;
}

/** Throws where the events can't tell: of a visit whose doctor is unknown, or that had an event it should wait for. */
function visitAfter(job: NotificationsJob, told: readonly OneTold[], known: Omit<Known, "visit">): ExpectedVisit {
  const expected: ExpectedVisit = { visit: undefined, reminders: [], sends: [] };
  for (const { event, context } of told) {
    const { outcome, change } = job.decide(event, { ...known, visit: expected.visit }, context);
    if (outcome.kind === "wait") throw new Error(outcome.reason);
    if (!change || !("visit" in change)) continue;
    expected.visit = change.visit;
    expected.reminders = change.reminders ?? expected.reminders;
    if (change.sends.length > 0) expected.sends = change.sends;
  }
  return expected;
}

/** A zone that no event named was the doctor's when it was told: what is kept may be right. */
function inKeptZone(expected: Visit, kept: Visit | undefined, told: readonly OneTold[]): Visit {
  const placed = told.filter(({ event: { payload } }) => "appointmentDate" in payload && "doctorId" in payload);
  const named = placed.some(({ event: { payload } }) => "timeZone" in payload && payload.timeZone !== undefined);
  return named || !kept ? expected : { ...expected, timeZone: kept.timeZone };
}

const doctorIdsIn = (told: readonly OneTold[]) =>
  told.flatMap(({ event: { payload } }) => [
    ...("doctorId" in payload ? [payload.doctorId] : []),
    ...("previousDoctorId" in payload ? [payload.previousDoctorId] : []),
  ]);

async function removeVisit(sql: TransactionSql, id: string): Promise<void> {
  await sql`delete from notification_reminders where appointment_id = ${id}`;
  await sql`delete from notification_visits where appointment_id = ${id}`;
}

function compareDoctor(aggregateId: string, kept: Doctor | undefined, expected: Doctor | undefined): Finding[] {
  return compareRow({ aggregateId, what: "doctor" }, kept, expected, {
    add: (sql, doctor) => addDoctors(sql, [doctor]),
    update: (sql, doctor) => updateDoctors(sql, [doctor]),
    remove: (sql) => sql`delete from notification_doctors where doctor_id = ${aggregateId}`,
  });
}

export interface NotificationsReconciliationOptions {
  job: NotificationsJob;
  reminderLeadMinutes: readonly number[];
  /** What is pruned is not missed. */
  retentionDays: number;
}

/** Visits, doctors, reminders and the messages that are still to be said, against the archive. */
export function createNotificationsReconciliation(
  { job, reminderLeadMinutes, retentionDays }: NotificationsReconciliationOptions,
): Reconciliation {
  const isPruned = ({ startsAt }: Visit, now: Date) => startsAt.getTime() < now.getTime() - retentionDays * 86_400_000;

  return {
    async compare(sql, histories, now) {
      const ids = histories.map(({ aggregateId }) => aggregateId);
      const visitIds = ids.filter(isUuid);
      const all = histories as { aggregateId: string; told: readonly OneTold[] }[];
      const erased = await erasedAmong(sql, visitIds);
      const visits = new Map((await lockVisits(sql, visitIds)).map((visit) => [visit.appointmentId, visit]));
      const doctors = new Map((await lockDoctors(sql, ids)).map((doctor) => [doctor.doctorId, doctor]));
      const others = await findDoctors(sql, all.flatMap(({ told }) => doctorIdsIn(told)), visitIds);
      const invited = await findInvitedDoctors(sql, visitIds);
      const [reminders, ledger] = [await readReminders(sql, visitIds), await readLedger(sql, visitIds)];
      const expectedDoctors = new Map(all.map(({ aggregateId, told }) => [aggregateId, doctorAfter(job, told)]));
      const known = new Map([...others, ...doctors.values()].map((doctor) => [doctor.doctorId, doctor]));
      const isDoctors = (recipient: string) =>
        [...known.values()].some(({ email, phone }) => recipient === email || recipient === phone);
      const compared: Compared = { findings: [], left: [] };

      for (const { aggregateId, told } of all) {
        compared.findings.push(
          ...compareDoctor(aggregateId, doctors.get(aggregateId), expectedDoctors.get(aggregateId)),
        );
        const ofVisit = told.filter((one) => !isOfDoctor(one) && one.event.eventName !== eventNames.patientErased);
        const kept = visits.get(aggregateId);
        if (erased.has(aggregateId) || (ofVisit.length === 0 && !kept)) continue;
        if (ofVisit.some(({ event }) => tellsOfErased(event as Parameters<typeof tellsOfErased>[0]))) continue;
        const invitedDoctors = new Set(
          invited.filter(({ appointmentId }) => appointmentId === aggregateId).map(({ recipient }) => recipient),
        );
        const findDoctor = (id: string) => known.get(id) ?? expectedDoctors.get(id);
        let expected: ExpectedVisit;
        try {
          expected = visitAfter(job, ofVisit, { isErased: false, findDoctor, invitedDoctors });
        } catch (error) {
          compared.left.push({ aggregateId, why: `its events can't tell: ${(error as Error).message}` });
          continue;
        }
        const visit = expected.visit && inKeptZone(expected.visit, kept, ofVisit);
        if (visit && !kept && isPruned(visit, now)) continue;
        compared.findings.push(
          ...compareRow<Visit>({ aggregateId, what: "visit" }, kept, visit, {
            add: (sql, row) => addVisits(sql, [row]),
            update: (sql, row) => updateVisits(sql, [row]),
            remove: (sql) => removeVisit(sql, aggregateId),
          }),
        );
        if (!visit) continue;
        const set = reminders.get(aggregateId) ?? [];
        compared.findings.push(
          ...compareReminders(aggregateId, set, expected.reminders, reminderLeadMinutes, now),
          ...compareSends(aggregateId, { ...expected, visit }, ledger, ofVisit, now, isDoctors),
        );
      }
      return compared;
    },

    async kept(sql, from, to) {
      const rows = await sql<{ id: string }[]>`
        select appointment_id::text as id from notification_visits where at >= ${from} and at < ${to}
        union all
        select doctor_id from notification_doctors where at >= ${from} and at < ${to}`;
      return rows.map(({ id }) => id);
    },

    isTooLate(history, now) {
      const dates = (history as NotificationsEvent[]).flatMap(({ payload }) =>
        "appointmentDate" in payload ? [new Date(payload.appointmentDate)] : []
      );
      const last = dates.at(-1);
      return last && last <= now ? "the visit has begun: what is to be said of it would come too late" : undefined;
    },
  };
}
