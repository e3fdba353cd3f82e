import type { Sql } from "postgres";
import { type Effects, placeKey, placeText } from "../src/services.ts";

interface PlaceRow {
  job: string;
  appointmentId: string;
  doctorId: string;
  startsAt: Date;
}

export async function readEffects(sql: Sql): Promise<Effects> {
  const recorded = await sql<{ key: string; times: number }[]>`
    select event_key as key, count(*)::integer as times from audit_outcomes
    where job = 'audit' and action = 'recorded' group by event_key`;
  const sends = await sql<{ key: string; times: number }[]>`
    select event_key as key, count(*)::integer as times from sends group by event_key`;
  const places = await sql<PlaceRow[]>`
    select 'analytics' as job, appointment_id as "appointmentId", doctor_id as "doctorId", starts_at as "startsAt"
    from analytics_bookings
    union all select 'availability', appointment_id, doctor_id, starts_at from availability_visits
    where doctor_id is not null
    union all select 'calendar', appointment_id, doctor_id, starts_at from calendar_visits where doctor_id is not null
    union all select 'notifications', appointment_id, doctor_id, starts_at from notification_visits`;
  return {
    recorded: new Map(recorded.map(({ key, times }) => [key, times])),
    sends: new Map(sends.map(({ key, times }) => [key, times])),
    places: new Map(
      places.map((row) => [placeKey(row.job, row.appointmentId), placeText(row.doctorId, row.startsAt)]),
    ),
  };
}
