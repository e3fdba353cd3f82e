import type { AnalyticsEvent } from "../../generated/jobs.ts";
import { type Booking, createAnalyticsStore } from "./analytics-store.ts";
import type { Job } from "../job.ts";

/** Keeps one row a booking, from which the counts by day, doctor and lead time are derived. */
export function createAnalyticsJob(): Job<AnalyticsEvent, boolean, Booking> {
  return {
    name: "analytics",
    createStore: createAnalyticsStore,
    decide({ aggregateId, timestamp, payload }, isCounted, { supersedes = false }) {
      if (isCounted && !supersedes) {
        return { outcome: { kind: "ignored", reason: "this booking is counted already" } };
      }
      const change = {
        appointmentId: aggregateId,
        doctorId: payload.doctorId,
        bookedAt: new Date(timestamp),
        startsAt: new Date(payload.appointmentDate),
      };
      return { outcome: { kind: "applied" }, change };
    },
  };
}
