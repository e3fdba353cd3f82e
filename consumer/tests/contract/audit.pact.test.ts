import { expect } from "vitest";
import { createAuditJob } from "../../src/jobs/audit/audit.ts";
import type { TestDatabase } from "../support/test-database.ts";
import {
  actor,
  aggregateVersion,
  appointmentDate,
  appointmentIds,
  cancelledBy,
  channel,
  correlationId,
  doctorId,
  eventId,
  failureReason,
  namedAppointment,
  notification,
  overbooked,
  previousAppointmentDate,
  previousDoctorId,
  previousDurationMinutes,
  previousStatus,
  reasonCode,
  recipient,
} from "./expected-fields.ts";
import { describeJobPact } from "./job-pact.ts";

/** The trail is append-only, so the newest row is the one that the event left. */
async function namesTheActor(sql: TestDatabase["sql"], complete: boolean): Promise<void> {
  const [row] = await sql`select action, actor, correlation_id from audit_outcomes order by id desc limit 1`;
  expect(row).toEqual({
    action: "recorded",
    actor: complete ? "reception" : null,
    correlation_id: complete ? "req-0001" : null,
  });
}

const recorded = { outcome: "applied", check: namesTheActor } as const;

describeJobPact({
  job: createAuditJob(),
  envelope: { eventId, aggregateVersion, correlationId, actor },
  events: {
    "appointment.created": [{
      ...recorded,
      state: "an appointment was created",
      required: { doctorId, appointmentDate },
      optional: { overbooked },
    }, {
      ...recorded,
      state: "an appointment was created for a patient without e-mail",
      required: { doctorId, appointmentDate },
      optional: { overbooked },
    }, {
      ...recorded,
      state: "an appointment was created, encrypted",
      bound: { eventId },
      required: { doctorId, appointmentDate },
      optional: { overbooked },
    }],
    "appointment.rescheduled": {
      ...recorded,
      state: "an appointment was rescheduled",
      required: { doctorId, appointmentDate, previousDoctorId, previousAppointmentDate, previousDurationMinutes },
      optional: { overbooked },
    },
    "appointment.contact_changed": [{ ...recorded, state: "an appointment's contact was changed" }, {
      ...recorded,
      state: "an appointment's contact was changed, encrypted",
      bound: { eventId },
    }],
    "appointment.cancelled": {
      ...recorded,
      state: "an appointment was cancelled",
      required: { doctorId, appointmentDate },
      optional: { cancelledBy, reasonCode },
    },
    "appointment.arrived": {
      ...recorded,
      state: "a patient arrived",
      required: { doctorId, appointmentDate },
    },
    "appointment.completed": {
      ...recorded,
      state: "an appointment was completed",
      required: { doctorId, appointmentDate },
    },
    "appointment.no_show": {
      ...recorded,
      state: "a patient did not show",
      required: { doctorId, appointmentDate },
    },
    "appointment.reopened": {
      ...recorded,
      state: "an appointment was reopened",
      required: { doctorId, appointmentDate, previousStatus },
    },
    "doctor.updated": { ...recorded, state: "a doctor was updated" },
    "patient.erased": { ...recorded, state: "a patient was erased", required: { appointmentIds } },
    "patient.opted_out": { ...recorded, state: "a patient opted out", required: { channel, appointmentIds } },
    "notification.failed": {
      ...recorded,
      state: "a notification failed",
      required: { appointmentId: namedAppointment, channel, recipient, notification, reason: failureReason },
    },
  },
});
