import type { AnalyticsEvent } from "../../generated/jobs.ts";
import { compareRow } from "../compare-row.ts";
import type { Told } from "../job.ts";
import type { Reconciliation } from "../reconciliation.ts";
import { createAnalyticsJob } from "./analytics.ts";
import { addBookings, type Booking, deleteBooking, lockBookings, replaceBookings } from "./analytics-store.ts";

const { decide } = createAnalyticsJob();

function bookingAfter(told: readonly Told<AnalyticsEvent>[]): Booking | undefined {
  return told.reduce<Booking | undefined>(
    (booking, { event, context }) => decide(event, booking !== undefined, context).change ?? booking,
    undefined,
  );
}

/** Bookings against the archive's `appointment.created`. */
export const analyticsReconciliation: Reconciliation = {
  async compare(sql, histories) {
    const stored = await lockBookings(sql, histories.map(({ aggregateId }) => aggregateId));
    const findings = histories.flatMap(({ aggregateId, told }) =>
      compareRow(
        { aggregateId, what: "booking" },
        stored.get(aggregateId),
        bookingAfter(told as Told<AnalyticsEvent>[]),
        {
          add: (sql, booking) => addBookings(sql, [booking]),
          update: (sql, booking) => replaceBookings(sql, [booking]),
          remove: (sql) => deleteBooking(sql, aggregateId),
        },
      )
    );
    return { findings, left: [] };
  },
  async kept(sql, from, to) {
    const rows = await sql<{ id: string }[]>`
      select appointment_id as id from analytics_bookings where booked_at >= ${from} and booked_at < ${to}`;
    return rows.map(({ id }) => id);
  },
};
