import type { TransactionSql } from "postgres";
import { StaleReadError } from "../../postgres/failure-kind.ts";
import type { CalendarVisit } from "./visit.ts";
import { instants, truths } from "../../postgres/columns.ts";

export type KeptVisits = readonly [id: string, visit: CalendarVisit][];

interface VisitRow {
  appointmentId: string;
  doctorId: string | null;
  startsAt: Date | null;
  endsAt: Date | null;
  placeVersion: number | null;
  placeAt: Date | null;
  cancelled: boolean;
  erased: boolean;
}

function toVisit({ doctorId, startsAt, endsAt, placeVersion, placeAt, cancelled, erased }: VisitRow): CalendarVisit {
  if (doctorId === null || startsAt === null || endsAt === null || placeAt === null) {
    return { place: undefined, cancelled, erased };
  }
  return {
    place: { doctorId, startsAt, endsAt, position: { version: placeVersion ?? undefined, at: placeAt } },
    cancelled,
    erased,
  };
}

/** Holds these visits until the end of the transaction. */
export async function loadVisits(sql: TransactionSql, ids: readonly string[]): Promise<KeptVisits> {
  const rows = await sql<VisitRow[]>`
    select appointment_id as "appointmentId", doctor_id as "doctorId", starts_at as "startsAt", ends_at as "endsAt",
      place_version as "placeVersion", place_at as "placeAt", cancelled, erased
    from calendar_visits where appointment_id = any(${[...ids]}::uuid[])
    order by appointment_id for update`;
  return rows.map((row) => [row.appointmentId, toVisit(row)]);
}

function unnested(sql: TransactionSql, visits: KeptVisits) {
  const places = visits.map(([, { place }]) => place);
  return sql`
    unnest(
      ${visits.map(([id]) => id)}::uuid[], ${places.map((place) => place?.doctorId ?? null)}::text[],
      ${instants(places.map((place) => place?.startsAt ?? null))}::text[]::timestamptz[],
      ${instants(places.map((place) => place?.endsAt ?? null))}::text[]::timestamptz[],
      ${places.map((place) => place?.position.version ?? null)}::integer[],
      ${instants(places.map((place) => place?.position.at ?? null))}::text[]::timestamptz[],
      ${truths(visits.map(([, { cancelled }]) => cancelled))}::text[]::boolean[],
      ${truths(visits.map(([, { erased }]) => erased))}::text[]::boolean[]
    ) as told (appointment_id, doctor_id, starts_at, ends_at, place_version, place_at, cancelled, erased)`;
}

export async function addVisits(sql: TransactionSql, visits: KeptVisits): Promise<void> {
  const { count } = await sql`
    insert into calendar_visits (
      appointment_id, doctor_id, starts_at, ends_at, place_version, place_at, cancelled, erased
    )
    select * from ${unnested(sql, visits)} order by appointment_id
    on conflict (appointment_id) do nothing`;
  if (count < visits.length) throw new StaleReadError("A visit became known meanwhile");
}

export async function updateVisits(sql: TransactionSql, visits: KeptVisits): Promise<void> {
  await sql`
    update calendar_visits as visit set
      doctor_id = told.doctor_id, starts_at = told.starts_at, ends_at = told.ends_at,
      place_version = told.place_version, place_at = told.place_at, cancelled = told.cancelled, erased = told.erased
    from ${unnested(sql, visits)} where visit.appointment_id = told.appointment_id`;
}
