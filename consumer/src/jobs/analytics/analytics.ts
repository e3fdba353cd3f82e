import type { AnalyticsEvent } from "../../generated/jobs.ts";
import { type AnalyticsStore, createAnalyticsStore } from "./analytics-store.ts";
import type { Job } from "../job.ts";

/** Keeps one row a booking, from which the counts by day, doctor and lead time are derived. */
export function createAnalyticsJob(): Job<AnalyticsEvent, AnalyticsStore> {
  return {
    name: "analytics",
    createStore: createAnalyticsStore,
    async handle({ aggregateId, timestamp, payload }, store, { supersedes = false }) {
      const booking = {
        appointmentId: aggregateId,
        doctorId: payload.doctorId,
        bookedAt: new Date(timestamp),
        startsAt: new Date(payload.appointmentDate),
      };
      if (supersedes) {
        await store.replaceBooking(booking);
        return { kind: "applied" };
      }
      const added = await store.addBooking(booking);
      return added ? { kind: "applied" } : { kind: "ignored", reason: "this booking is counted already" };
    },
  };
}
