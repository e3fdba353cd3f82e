import { expect } from "vitest";
import { createAvailabilityJob } from "../../src/jobs/availability/availability.ts";
import type { TestDatabase } from "../support/test-database.ts";
import { created } from "./earlier-events.ts";
import {
  aggregateVersion,
  appointmentDate,
  correlationId,
  doctorId,
  durationMinutes,
  eventId,
  exceptions,
  overbooked,
  retired,
  timeZone,
  workingHours,
} from "./expected-fields.ts";
import { describeJobPact } from "./job-pact.ts";

function leavesStatus(status: string) {
  return async (sql: TestDatabase["sql"]) => {
    expect(await sql`select doctor_id, status from availability_visits`).toEqual([{
      doctor_id: "dr-lovelace",
      status,
    }]);
  };
}

function booksMinutes(minutes: { required: number; complete: number }) {
  return async (sql: TestDatabase["sql"], complete: boolean) => {
    const [row] = await sql`
      select doctor_id, status, extract(epoch from ends_at - starts_at)::integer / 60 as minutes, overbooked
      from availability_visits`;
    expect(row).toEqual({
      doctor_id: "dr-lovelace",
      status: "booked",
      minutes: complete ? minutes.complete : minutes.required,
      overbooked: complete,
    });
  };
}

describeJobPact({
  job: createAvailabilityJob(),
  envelope: { eventId, aggregateVersion, correlationId },
  before: (eventName) => eventName === "appointment.created" || eventName === "doctor.updated" ? [] : [created],
  events: {
    "appointment.created": [{
      state: "an appointment was created",
      required: { doctorId, appointmentDate },
      optional: { durationMinutes, overbooked },
      outcome: "applied",
      check: booksMinutes({ required: 30, complete: 45 }),
    }, {
      state: "an appointment was created for a patient without e-mail",
      required: { doctorId, appointmentDate },
      optional: { durationMinutes, overbooked },
      outcome: "applied",
      check: booksMinutes({ required: 30, complete: 45 }),
    }, {
      state: "an appointment was created, encrypted",
      bound: { eventId },
      required: { doctorId, appointmentDate },
      optional: { durationMinutes, overbooked },
      outcome: "applied",
      check: booksMinutes({ required: 30, complete: 45 }),
    }],
    "appointment.rescheduled": {
      state: "an appointment was rescheduled",
      required: { doctorId, appointmentDate, durationMinutes },
      optional: { overbooked },
      outcome: "applied",
      check: booksMinutes({ required: 45, complete: 45 }),
    },
    "appointment.contact_changed": [{ state: "an appointment's contact was changed", outcome: "ignored" }, {
      state: "an appointment's contact was changed, encrypted",
      outcome: "ignored",
      bound: { eventId },
    }],
    "appointment.cancelled": {
      state: "an appointment was cancelled",
      outcome: "applied",
      check: leavesStatus("cancelled"),
    },
    "appointment.arrived": { state: "a patient arrived", outcome: "applied", check: leavesStatus("arrived") },
    "appointment.completed": {
      state: "an appointment was completed",
      outcome: "applied",
      check: leavesStatus("completed"),
    },
    "appointment.no_show": { state: "a patient did not show", outcome: "applied", check: leavesStatus("no_show") },
    "appointment.reopened": {
      state: "an appointment was reopened",
      required: { doctorId, appointmentDate, durationMinutes },
      optional: { overbooked },
      outcome: "applied",
      check: booksMinutes({ required: 45, complete: 45 }),
    },
    "doctor.updated": {
      state: "a doctor was updated",
      required: { timeZone, workingHours, exceptions },
      optional: { retired },
      outcome: "applied",
      async check(sql, complete) {
        const columns = sql`doctor_id, time_zone, working_hours, exceptions, retired`;
        expect(await sql`select ${columns} from availability_doctors`).toEqual([{
          doctor_id: "dr-lovelace",
          time_zone: "Europe/Berlin",
          working_hours: [{ weekday: 1, start: "09:00", end: "12:30" }],
          exceptions: [{ date: "2026-12-31", intervals: [{ start: "09:00", end: "12:00" }] }],
          retired: complete,
        }]);
      },
    },
  },
});
