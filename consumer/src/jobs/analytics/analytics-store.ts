import type { Sql, TransactionSql } from "postgres";

export interface Booking {
  appointmentId: string;
  doctorId: string;
  bookedAt: Date;
  startsAt: Date;
}

export interface AnalyticsStore {
  /** False when the booking is known already. */
  addBooking(booking: Booking): Promise<boolean>;
  replaceBooking(booking: Booking): Promise<void>;
}

export function createAnalyticsStore(sql: TransactionSql): AnalyticsStore {
  return {
    async addBooking({ appointmentId, doctorId, bookedAt, startsAt }) {
      const rows = await sql`
        insert into analytics_bookings (appointment_id, doctor_id, booked_at, starts_at)
        values (${appointmentId}, ${doctorId}, ${bookedAt}, ${startsAt})
        on conflict (appointment_id) do nothing
        returning appointment_id`;
      return rows.length > 0;
    },

    async replaceBooking({ appointmentId, doctorId, bookedAt, startsAt }) {
      await sql`
        update analytics_bookings set doctor_id = ${doctorId}, booked_at = ${bookedAt}, starts_at = ${startsAt}
        where appointment_id = ${appointmentId}`;
    },
  };
}

/** For a rebuild from an archive that begins at `since`; the counts are a view of these rows. */
export async function clearAnalytics(sql: Sql | TransactionSql, since = new Date(0)): Promise<void> {
  await sql`delete from analytics_bookings where booked_at >= ${since}`;
}
