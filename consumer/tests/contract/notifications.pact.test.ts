import { expect } from "vitest";
import type { EventName } from "../../src/generated/events.ts";
import { createNotificationsJob } from "../../src/jobs/notifications/notifications.ts";
import type { TestDatabase } from "../support/test-database.ts";
import { created, doctors } from "./earlier-events.ts";
import { changedTo, createdFor } from "./encrypted-examples.ts";
import {
  aggregateVersion,
  appointmentDate,
  appointmentIds,
  correlationId,
  doctorEmail,
  doctorId,
  doctorName,
  doctorPhone,
  durationMinutes,
  eventId,
  locale,
  patientEmail,
  patientName,
  patientPhone,
  previousAppointmentDate,
  previousDoctorId,
  removed,
  timeZone,
} from "./expected-fields.ts";
import { writer } from "../jobs/notifications/notifications-harness.ts";
import { describeJobPact } from "./job-pact.ts";

const booked = ["doctor-booked dr-lovelace@clinic.example", "patient-booked old@example.org"];

/** The whole send ledger as `template recipient`. */
function ledger(expected: { required: string[]; complete: string[] }) {
  return async (sql: TestDatabase["sql"], complete: boolean) => {
    const rows = await sql<{ template: string; recipient: string }[]>`select template, recipient from sends`;
    const sends = rows.map(({ template, recipient }) => `${template} ${recipient}`);
    expect(sends.sort()).toEqual([...(complete ? expected.complete : expected.required)].sort());
  };
}

/** The event tells nobody anything: the ledger holds the booking only. */
const tellsNobody = { outcome: "applied", check: ledger({ required: booked, complete: booked }) } as const;

const cancelled = [...booked, "doctor-cancelled dr-lovelace@clinic.example", "patient-cancelled old@example.org"];
const moved = [
  ...booked,
  "doctor-booked dr-lovelace@clinic.example",
  "doctor-removed dr-hopper@clinic.example",
  "patient-moved old@example.org",
];

function earlier(eventName: EventName): object[] {
  if (eventName === "doctor.updated") return [];
  return eventName === "appointment.created" ? doctors : [...doctors, created];
}

describeJobPact({
  job: createNotificationsJob({ sms: true, defaultLocale: "en", reminderLeadMinutes: [1440], writer }),
  envelope: { eventId, aggregateVersion, correlationId },
  before: earlier,
  events: {
    "appointment.created": [{
      state: "an appointment was created",
      required: { patientEmail, doctorId, appointmentDate },
      optional: { durationMinutes, timeZone, patientPhone, patientName, locale },
      outcome: "applied",
      check: ledger({
        required: ["doctor-booked dr-lovelace@clinic.example", "patient-booked ada@example.org"],
        complete: [
          "doctor-booked dr-lovelace@clinic.example",
          "patient-booked ada@example.org",
          "sms-booked +4930123456",
        ],
      }),
    }, {
      state: "an appointment was created for a patient without e-mail",
      required: { patientPhone, doctorId, appointmentDate },
      optional: { durationMinutes, timeZone, patientName, locale },
      outcome: "applied",
      check: ledger({
        required: ["doctor-booked dr-lovelace@clinic.example", "sms-booked +4930123456"],
        complete: ["doctor-booked dr-lovelace@clinic.example", "sms-booked +4930123456"],
      }),
    }, {
      state: "an appointment was created, encrypted",
      bound: { eventId },
      required: { personalData: createdFor.address, doctorId, appointmentDate },
      optional: { personalData: createdFor.everything, durationMinutes, timeZone, locale },
      outcome: "applied",
      check: ledger({
        required: ["doctor-booked dr-lovelace@clinic.example", "patient-booked ada@example.org"],
        complete: [
          "doctor-booked dr-lovelace@clinic.example",
          "patient-booked ada@example.org",
          "sms-booked +4930123456",
        ],
      }),
    }],
    "appointment.rescheduled": {
      state: "an appointment was rescheduled",
      required: { doctorId, appointmentDate, durationMinutes, previousDoctorId, previousAppointmentDate },
      optional: { timeZone },
      outcome: "applied",
      check: ledger({ required: moved, complete: moved }),
    },
    "appointment.contact_changed": [{
      state: "an appointment's contact was changed",
      optional: { patientEmail, patientPhone, patientName, locale },
      outcome: "applied",
      check: ledger({
        required: booked,
        complete: [...booked, "patient-contact ada@example.org", "sms-booked +4930123456"],
      }),
      apart: {
        what: "what was removed",
        state: "what an appointment can do without was removed",
        optional: { removed },
        before: [...doctors, { ...created, payload: { ...created.payload, patientPhone: "+4930123456" } }],
        async check(sql) {
          expect(await sql`select patient_phone from notification_visits`).toEqual([{ patient_phone: null }]);
        },
      },
    }, {
      state: "an appointment's contact was changed, encrypted",
      bound: { eventId },
      required: { personalData: changedTo.number },
      optional: { personalData: changedTo.everything, locale },
      outcome: "applied",
      check: ledger({
        required: [...booked, "sms-booked +4930123456"],
        complete: [...booked, "patient-contact ada@example.org", "sms-booked +4930123456"],
      }),
      apart: {
        what: "what was removed",
        state: "what an appointment can do without was removed, encrypted",
        optional: { personalData: changedTo.address, removed },
        before: [...doctors, { ...created, payload: { ...created.payload, patientPhone: "+4930123456" } }],
        async check(sql) {
          expect(await sql`select patient_phone from notification_visits`).toEqual([{ patient_phone: null }]);
        },
      },
    }],
    "appointment.cancelled": {
      state: "an appointment was cancelled",
      required: { doctorId, appointmentDate, durationMinutes },
      outcome: "applied",
      check: ledger({ required: cancelled, complete: cancelled }),
    },
    "appointment.arrived": { ...tellsNobody, state: "a patient arrived" },
    "appointment.completed": { ...tellsNobody, state: "an appointment was completed" },
    "appointment.no_show": { ...tellsNobody, state: "a patient did not show" },
    "appointment.reopened": {
      ...tellsNobody,
      state: "an appointment was reopened",
      required: { doctorId, appointmentDate, durationMinutes },
      optional: { timeZone },
    },
    "doctor.updated": {
      state: "a doctor was updated",
      required: { name: doctorName, email: doctorEmail, timeZone },
      optional: { phone: doctorPhone },
      outcome: "applied",
      async check(sql, complete) {
        expect(await sql`select name, email, phone, time_zone from notification_doctors`).toEqual([{
          name: "Dr. Ada Lovelace",
          email: "lovelace@clinic.example",
          phone: complete ? "+4930111111" : null,
          time_zone: "Europe/Berlin",
        }]);
      },
    },
    "patient.erased": {
      state: "a patient was erased",
      required: { appointmentIds },
      outcome: "applied",
      async check(sql) {
        expect(await sql`select from notification_visits where patient_email <> ''`).toHaveLength(0);
        expect(await sql`select from sends where recipient = 'old@example.org' or content <> '{}'`).toHaveLength(0);
      },
    },
  },
});
