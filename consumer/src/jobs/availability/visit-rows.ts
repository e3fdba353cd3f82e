import type { TransactionSql } from "postgres";
import { StaleReadError } from "../../postgres/failure-kind.ts";
import type { VisitStatus } from "../visit-status.ts";
import type { Visit } from "./visit.ts";
import { instants, truths } from "../../postgres/columns.ts";

export type KeptVisits = readonly [id: string, visit: Visit][];

interface VisitRow {
  appointmentId: string;
  doctorId: string | null;
  startsAt: Date | null;
  endsAt: Date | null;
  overbooked: boolean;
  placeVersion: number | null;
  placeAt: Date | null;
  status: VisitStatus | null;
  statusVersion: number | null;
  statusAt: Date | null;
}

function toVisit(row: VisitRow): Visit {
  const { doctorId, startsAt, endsAt, overbooked, placeAt, status, statusAt } = row;
  return {
    place: doctorId !== null && startsAt !== null && endsAt !== null && placeAt !== null
      ? { doctorId, startsAt, endsAt, overbooked, position: { version: row.placeVersion ?? undefined, at: placeAt } }
      : undefined,
    status: status !== null && statusAt !== null
      ? { value: status, position: { version: row.statusVersion ?? undefined, at: statusAt } }
      : undefined,
  };
}

/** Holds these visits until the end of the transaction. */
export async function loadVisits(sql: TransactionSql, ids: readonly string[]): Promise<KeptVisits> {
  const rows = await sql<VisitRow[]>`
    select appointment_id as "appointmentId", doctor_id as "doctorId", starts_at as "startsAt", ends_at as "endsAt",
      overbooked, place_version as "placeVersion", place_at as "placeAt",
      status, status_version as "statusVersion", status_at as "statusAt"
    from availability_visits where appointment_id = any(${[...ids]}::uuid[])
    order by appointment_id for update`;
  return rows.map((row) => [row.appointmentId, toVisit(row)]);
}

function unnested(sql: TransactionSql, visits: KeptVisits) {
  const places = visits.map(([, { place }]) => place);
  const statuses = visits.map(([, { status }]) => status);
  return sql`
    unnest(
      ${visits.map(([id]) => id)}::uuid[], ${places.map((place) => place?.doctorId ?? null)}::text[],
      ${instants(places.map((place) => place?.startsAt ?? null))}::text[]::timestamptz[],
      ${instants(places.map((place) => place?.endsAt ?? null))}::text[]::timestamptz[],
      ${truths(places.map((place) => place?.overbooked ?? false))}::text[]::boolean[],
      ${places.map((place) => place?.position.version ?? null)}::integer[],
      ${instants(places.map((place) => place?.position.at ?? null))}::text[]::timestamptz[],
      ${statuses.map((status) => status?.value ?? null)}::text[],
      ${statuses.map((status) => status?.position.version ?? null)}::integer[],
      ${instants(statuses.map((status) => status?.position.at ?? null))}::text[]::timestamptz[]
    ) as told (
      appointment_id, doctor_id, starts_at, ends_at, overbooked, place_version, place_at,
      status, status_version, status_at
    )`;
}

export async function addVisits(sql: TransactionSql, visits: KeptVisits): Promise<void> {
  const { count } = await sql`
    insert into availability_visits (
      appointment_id, doctor_id, starts_at, ends_at, overbooked, place_version, place_at,
      status, status_version, status_at
    )
    select * from ${unnested(sql, visits)} order by appointment_id
    on conflict (appointment_id) do nothing`;
  if (count < visits.length) throw new StaleReadError("A visit became known meanwhile");
}

export async function updateVisits(sql: TransactionSql, visits: KeptVisits): Promise<void> {
  await sql`
    update availability_visits as visit set
      doctor_id = told.doctor_id, starts_at = told.starts_at, ends_at = told.ends_at, overbooked = told.overbooked,
      place_version = told.place_version, place_at = told.place_at,
      status = told.status, status_version = told.status_version, status_at = told.status_at
    from ${unnested(sql, visits)} where visit.appointment_id = told.appointment_id`;
}
