import { appointmentId, hopper, lovelace } from "./expected-fields.ts";

/** Events that a job has to know before others make sense: with the required fields, and a place in the history. */
export const created = {
  eventName: "appointment.created",
  aggregateId: appointmentId,
  timestamp: "2026-11-23T08:00:00.000Z",
  version: 1,
  aggregateVersion: 1,
  payload: { patientEmail: "old@example.org", doctorId: lovelace, appointmentDate: "2026-11-30T09:00:00+01:00" },
};

export const doctors = [lovelace, hopper].map((aggregateId) => ({
  eventName: "doctor.updated",
  aggregateId,
  timestamp: "2026-11-23T07:00:00.000Z",
  version: 1,
  aggregateVersion: 1,
  payload: {
    name: `Doctor ${aggregateId}`,
    email: `${aggregateId}@clinic.example`,
    timeZone: "Europe/Berlin",
    workingHours: [],
    exceptions: [],
  },
}));
