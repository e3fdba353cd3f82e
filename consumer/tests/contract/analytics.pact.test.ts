import { expect } from "vitest";
import { createAnalyticsJob } from "../../src/jobs/analytics/analytics.ts";
import { aggregateVersion, appointmentDate, correlationId, doctorId, eventId } from "./expected-fields.ts";
import { describeJobPact } from "./job-pact.ts";

describeJobPact({
  job: createAnalyticsJob(),
  envelope: { eventId, aggregateVersion, correlationId },
  events: {
    "appointment.created": [{
      state: "an appointment was created",
      required: { doctorId, appointmentDate },
      outcome: "applied",
      async check(sql) {
        expect(await sql`select doctor_id, lead_days, bookings from analytics_counts`).toEqual([
          { doctor_id: "dr-lovelace", lead_days: 8, bookings: 1 },
        ]);
      },
    }, {
      state: "an appointment was created for a patient without e-mail",
      required: { doctorId, appointmentDate },
      outcome: "applied",
      async check(sql) {
        expect(await sql`select doctor_id, lead_days, bookings from analytics_counts`).toEqual([
          { doctor_id: "dr-lovelace", lead_days: 8, bookings: 1 },
        ]);
      },
    }, {
      state: "an appointment was created, encrypted",
      bound: { eventId },
      required: { doctorId, appointmentDate },
      outcome: "applied",
      async check(sql) {
        expect(await sql`select doctor_id, lead_days, bookings from analytics_counts`).toEqual([
          { doctor_id: "dr-lovelace", lead_days: 8, bookings: 1 },
        ]);
      },
    }],
  },
});
