import { expect } from "vitest";
import { createCalendarJob } from "../../src/jobs/calendar/calendar.ts";
import type { TestDatabase } from "../support/test-database.ts";
import { created } from "./earlier-events.ts";
import {
  aggregateVersion,
  appointmentDate,
  appointmentIds,
  correlationId,
  doctorId,
  durationMinutes,
  eventId,
  previousDoctorId,
} from "./expected-fields.ts";
import { describeJobPact } from "./job-pact.ts";

/** Doctor → whether the doctor's calendar should show the visit. */
function shows(expected: Record<string, boolean>) {
  return async (sql: TestDatabase["sql"]) => {
    const rows = await sql<{ doctor: string; shown: boolean }[]>`
      select doctor_id as doctor, content is not null as shown from calendar_intents`;
    expect(Object.fromEntries(rows.map(({ doctor, shown }) => [doctor, shown]))).toEqual(expected);
  };
}

describeJobPact({
  job: createCalendarJob(),
  envelope: { eventId, aggregateVersion, correlationId },
  before: (eventName) => eventName === "appointment.created" ? [] : [created],
  events: {
    "appointment.created": [{
      state: "an appointment was created",
      required: { doctorId, appointmentDate },
      optional: { durationMinutes },
      outcome: "applied",
      check: shows({ "dr-lovelace": true }),
    }, {
      state: "an appointment was created for a patient without e-mail",
      required: { doctorId, appointmentDate },
      optional: { durationMinutes },
      outcome: "applied",
      check: shows({ "dr-lovelace": true }),
    }, {
      state: "an appointment was created, encrypted",
      bound: { eventId },
      required: { doctorId, appointmentDate },
      optional: { durationMinutes },
      outcome: "applied",
      check: shows({ "dr-lovelace": true }),
    }],
    "appointment.rescheduled": {
      state: "an appointment was rescheduled",
      required: { doctorId, appointmentDate, durationMinutes, previousDoctorId },
      outcome: "applied",
      check: shows({ "dr-hopper": false, "dr-lovelace": true }),
    },
    "appointment.contact_changed": [{ state: "an appointment's contact was changed", outcome: "ignored" }, {
      state: "an appointment's contact was changed, encrypted",
      outcome: "ignored",
      bound: { eventId },
    }],
    "appointment.cancelled": {
      state: "an appointment was cancelled",
      required: { doctorId },
      outcome: "applied",
      check: shows({ "dr-lovelace": false }),
    },
    "appointment.arrived": { state: "a patient arrived", outcome: "ignored" },
    "appointment.completed": { state: "an appointment was completed", outcome: "ignored" },
    "appointment.no_show": { state: "a patient did not show", outcome: "ignored" },
    "appointment.reopened": { state: "an appointment was reopened", outcome: "ignored" },
    "patient.erased": {
      state: "a patient was erased",
      required: { appointmentIds },
      outcome: "applied",
      async check(sql) {
        const [row] = await sql`select content from calendar_intents`;
        expect(row?.["content"]).toContain("SUMMARY:Appointment");
        expect(row?.["content"]).not.toContain("Reference");
      },
    },
  },
});
