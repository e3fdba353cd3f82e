import type { Sql } from "postgres";
import type { DoctorHours, Period } from "./working-periods.ts";

export interface AvailabilityReader {
  findHours(doctorId: string): Promise<(DoctorHours & { retired: boolean }) | undefined>;
  /** The visits that take up the doctor's time in the range. */
  findBusy(doctorId: string, range: Period): Promise<Period[]>;
}

export function createAvailabilityReader(sql: Sql): AvailabilityReader {
  return {
    async findHours(doctorId) {
      const [hours] = await sql<(DoctorHours & { retired: boolean })[]>`
        select time_zone as "timeZone", working_hours as "workingHours", exceptions, retired
        from availability_doctors where doctor_id = ${doctorId}`;
      return hours;
    },

    async findBusy(doctorId, { start, end }) {
      const rows = await sql<{ startsAt: Date; endsAt: Date }[]>`
        select starts_at as "startsAt", ends_at as "endsAt" from availability_visits
        where doctor_id = ${doctorId} and status in ('booked', 'arrived') and not overbooked
          and starts_at < ${new Date(end)} and ends_at > ${new Date(start)}
        order by starts_at`;
      return rows.map(({ startsAt, endsAt }) => ({ start: startsAt.getTime(), end: endsAt.getTime() }));
    },
  };
}
