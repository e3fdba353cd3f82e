import type { TransactionSql } from "postgres";
import { eventNames } from "../../generated/events.ts";
import type { NotificationsEvent } from "./event.ts";
import { erasedAmong } from "../../delivery/erased-appointments.ts";
import type { FoundOut, JobStore } from "../job.ts";
import { addDoctors, findDoctors, lockDoctors, updateDoctors } from "./doctor-rows.ts";
import { createLedgerChanges } from "./ledger-changes.ts";
import { erasePatient } from "./erase-patient.ts";
import { findInvitedDoctors } from "./invited-doctors.ts";
import { replaceReminders } from "./reminder-rows.ts";
import type { Change, Doctor, Known, Reminder, Visit } from "./store.ts";
import { addVisits, lockVisits, updateVisits } from "./visit-rows.ts";

export type NotificationStore = JobStore<NotificationsEvent, Known, Change>;

/** `calendars`: whether the doctors' calendars are written, and it matters who was sent an invitation. */
export function createNotificationStore(sql: TransactionSql, calendars: boolean): NotificationStore {
  const visits = createKept<Visit>();
  const doctors = createKept<Doctor>();
  const ledger = createLedgerChanges<NotificationsEvent>(sql);
  const reminders = new Map<string, readonly Reminder[]>();
  const erasures: { event: NotificationsEvent; erase: readonly string[]; now: Date }[] = [];
  let erasedVisits: ReadonlySet<string> = new Set();
  const idOf = ({ aggregateId }: NotificationsEvent) => aggregateId.toLowerCase();

  return {
    async load(told) {
      const events = told.map(({ event }) => event);
      const updated = events.filter(({ eventName }) => eventName === eventNames.doctorUpdated);
      const ofVisits = events.filter(isOfVisit);
      const asking = calendars ? ofVisits.filter(({ eventName }) => eventName !== eventNames.appointmentCreated) : [];
      const [erased, lockedVisits, locked, found, invited] = await Promise.all([
        // First, so that no erasure comes between this and what is read and written.
        ofVisits.length > 0 ? erasedAmong(sql, ofVisits.map(idOf)) : new Set<string>(),
        ofVisits.length > 0 ? lockVisits(sql, ofVisits.map(idOf)) : [],
        updated.length > 0 ? lockDoctors(sql, updated.map(({ aggregateId }) => aggregateId)) : [],
        ofVisits.length > 0 ? findDoctors(sql, ofVisits.flatMap(doctorsIn), ofVisits.map(idOf)) : [],
        asking.length > 0 ? findInvitedDoctors(sql, asking.map(idOf)) : [],
      ]);
      erasedVisits = erased;
      for (const visit of lockedVisits) visits.known.set(visit.appointmentId, visit);
      for (const doctor of [...found, ...locked]) doctors.known.set(doctor.doctorId, doctor);
      for (const { appointmentId, recipient } of invited) ledger.invitedTo(appointmentId).add(recipient);
    },

    known: (event) => ({
      isErased: erasedVisits.has(idOf(event)),
      visit: visits.get(idOf(event)),
      findDoctor: doctors.get,
      invitedDoctors: ledger.invitedTo(idOf(event)),
    }),

    keep(event, change) {
      if ("erase" in change) return void erasures.push({ event, ...change });
      if ("doctor" in change) return doctors.keep(change.doctor.doctorId, change.doctor);
      const id = idOf(event);
      visits.keep(id, change.visit);
      if (change.silenced) ledger.silence(event, id, change.silenced, change.now);
      ledger.add(id, change.sends);
      if (!change.reminders) return;
      reminders.set(id, change.reminders);
      ledger.endReminders(event, id, change.now);
    },

    async findOut() {
      const foundOut: Map<NotificationsEvent, FoundOut> = await ledger.findOut();
      for (const { event, erase, now } of erasures) {
        const { visits, sends, reminders, deadLetters } = await erasePatient(sql, erase, now);
        const detail = `cleared: visits ${visits}, sends ${sends}, reminders ${reminders}, dead letters ${deadLetters}`;
        foundOut.set(event, { detail });
      }
      return foundOut;
    },

    save() {
      const [newDoctors, knownDoctors] = [doctors.added(), doctors.changed()];
      const [newVisits, knownVisits] = [visits.added(), visits.changed()];
      // In this order: a visit refers to its doctor, a reminder to its visit.
      return Promise.all([
        newDoctors.length > 0 && addDoctors(sql, newDoctors),
        knownDoctors.length > 0 && updateDoctors(sql, knownDoctors),
        newVisits.length > 0 && addVisits(sql, newVisits),
        knownVisits.length > 0 && updateVisits(sql, knownVisits),
        ledger.save(),
        reminders.size > 0 && replaceReminders(sql, reminders),
      ]);
    },
  };
}

/** What was read, and what has been made of it since. */
function createKept<Row>() {
  const known = new Map<string, Row>();
  const kept = new Map<string, Row>();
  const keptIf = (isKnown: boolean) => [...kept].filter(([id]) => known.has(id) === isKnown).map(([, row]) => row);
  return {
    known,
    get: (id: string) => kept.get(id) ?? known.get(id),
    keep: (id: string, row: Row) => void kept.set(id, row),
    added: () => keptIf(false),
    changed: () => keptIf(true),
  };
}

function isOfVisit({ eventName }: NotificationsEvent): boolean {
  return eventName !== eventNames.doctorUpdated && eventName !== eventNames.patientErased;
}

function doctorsIn({ payload }: NotificationsEvent): string[] {
  return [
    ...("doctorId" in payload ? [payload.doctorId] : []),
    ...("previousDoctorId" in payload ? [payload.previousDoctorId] : []),
  ];
}
