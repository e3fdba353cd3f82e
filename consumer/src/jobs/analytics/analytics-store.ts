import type { Sql, TransactionSql } from "postgres";
import type { AnalyticsEvent } from "../../generated/jobs.ts";
import { StaleReadError } from "../../postgres/failure-kind.ts";
import { isUuid } from "../../formats.ts";
import type { JobStore } from "../job.ts";
import { instants } from "../../postgres/columns.ts";

export interface Booking {
  appointmentId: string;
  doctorId: string;
  bookedAt: Date;
  startsAt: Date;
}

/** What is known is whether the booking is counted already; a change is a booking, new or in place of the known one. */
export type AnalyticsStore = JobStore<AnalyticsEvent, boolean, Booking>;

export function createAnalyticsStore(sql: TransactionSql): AnalyticsStore {
  const known = new Set<string>();
  const added = new Map<string, Booking>();
  const replaced = new Map<string, Booking>();

  return {
    async load(told) {
      const rows = await sql<{ id: string }[]>`
        select appointment_id as id from analytics_bookings
        where appointment_id = any(${told.map(({ event }) => event.aggregateId)}::uuid[])
        order by id for update`;
      for (const { id } of rows) known.add(id);
    },

    known: ({ aggregateId }) => known.has(aggregateId.toLowerCase()) || added.has(aggregateId.toLowerCase()),

    keep({ aggregateId }, booking) {
      const id = aggregateId.toLowerCase();
      (known.has(id) ? replaced : added).set(id, booking);
    },

    save: () =>
      Promise.all([
        added.size > 0 && addBookings(sql, [...added.values()]),
        replaced.size > 0 && replaceBookings(sql, [...replaced.values()]),
      ]),
  };
}

function unnested(sql: TransactionSql, bookings: readonly Booking[]) {
  return sql`
    unnest(
      ${bookings.map(({ appointmentId }) => appointmentId)}::uuid[],
      ${bookings.map(({ doctorId }) => doctorId)}::text[],
      ${instants(bookings.map(({ bookedAt }) => bookedAt))}::text[]::timestamptz[],
      ${instants(bookings.map(({ startsAt }) => startsAt))}::text[]::timestamptz[]
    ) as told (appointment_id, doctor_id, booked_at, starts_at)`;
}

export async function addBookings(sql: TransactionSql, bookings: readonly Booking[]): Promise<void> {
  const { count } = await sql`
    insert into analytics_bookings (appointment_id, doctor_id, booked_at, starts_at)
    select * from ${unnested(sql, bookings)} order by appointment_id
    on conflict (appointment_id) do nothing`;
  if (count < bookings.length) throw new StaleReadError("A booking was counted meanwhile");
}

export async function replaceBookings(sql: TransactionSql, bookings: readonly Booking[]): Promise<void> {
  await sql`
    update analytics_bookings as booking
    set doctor_id = told.doctor_id, booked_at = told.booked_at, starts_at = told.starts_at
    from ${unnested(sql, bookings)} where booking.appointment_id = told.appointment_id`;
}

/** Holds these bookings until the end of the transaction. */
export async function lockBookings(sql: TransactionSql, ids: readonly string[]): Promise<Map<string, Booking>> {
  const rows = await sql<Booking[]>`
    select appointment_id as "appointmentId", doctor_id as "doctorId", booked_at as "bookedAt", starts_at as "startsAt"
    from analytics_bookings where appointment_id = any(${
    ids.filter(isUuid)
  }::uuid[]) order by appointment_id for update`;
  return new Map(rows.map((booking) => [booking.appointmentId, booking]));
}

export async function deleteBooking(sql: TransactionSql, id: string): Promise<void> {
  await sql`delete from analytics_bookings where appointment_id = ${id}`;
}

/** For a rebuild from an archive that begins at `since`; the counts are a view of these rows. */
export async function clearAnalytics(sql: Sql | TransactionSql, since = new Date(0)): Promise<void> {
  await sql`delete from analytics_bookings where booked_at >= ${since}`;
}
