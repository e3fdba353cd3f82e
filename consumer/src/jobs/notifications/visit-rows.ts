import type { TransactionSql } from "postgres";
import { StaleReadError } from "../../postgres/failure-kind.ts";
import type { VisitStatus } from "../visit-status.ts";
import type { Visit } from "./store.ts";
import { instants } from "../../postgres/columns.ts";

export interface VisitRow {
  appointment_id: string;
  version: number | null;
  at: Date;
  sequence: number;
  status: VisitStatus;
  doctor_id: string;
  starts_at: Date;
  duration_minutes: number;
  time_zone: string;
  patient_email: string;
  patient_phone: string | null;
  patient_name: string | null;
  locale: string | null;
}

export function visitOf(row: VisitRow): Visit {
  return {
    appointmentId: row.appointment_id,
    position: { version: row.version ?? undefined, at: row.at },
    sequence: row.sequence,
    status: row.status,
    doctorId: row.doctor_id,
    startsAt: row.starts_at,
    durationMinutes: row.duration_minutes,
    timeZone: row.time_zone,
    patientEmail: row.patient_email || undefined,
    patientPhone: row.patient_phone ?? undefined,
    patientName: row.patient_name ?? undefined,
    locale: row.locale ?? undefined,
  };
}

/** Holds these visits until the end of the transaction, so that their events are handled one at a time. */
export async function lockVisits(sql: TransactionSql, appointmentIds: readonly string[]): Promise<Visit[]> {
  const rows = await sql<VisitRow[]>`
    select * from notification_visits where appointment_id = any(${[...appointmentIds]}::uuid[])
    order by appointment_id for update`;
  return rows.map(visitOf);
}

function unnested(sql: TransactionSql, visits: readonly Visit[]) {
  return sql`
    unnest(
      ${visits.map(({ appointmentId }) => appointmentId)}::uuid[],
      ${visits.map(({ position }) => position.version ?? null)}::integer[],
      ${instants(visits.map(({ position }) => position.at))}::text[]::timestamptz[],
      ${visits.map(({ sequence }) => sequence)}::integer[], ${visits.map(({ status }) => status)}::text[],
      ${visits.map(({ doctorId }) => doctorId)}::text[], ${
    instants(visits.map(({ startsAt }) => startsAt))
  }::text[]::timestamptz[],
      ${visits.map(({ durationMinutes }) => durationMinutes)}::integer[],
      ${visits.map(({ timeZone }) => timeZone)}::text[],
      ${visits.map(({ patientEmail = "" }) => patientEmail)}::text[],
      ${visits.map(({ patientPhone = null }) => patientPhone)}::text[],
      ${visits.map(({ patientName = null }) => patientName)}::text[],
      ${visits.map(({ locale = null }) => locale)}::text[]
    ) as told (
      appointment_id, version, at, sequence, status, doctor_id, starts_at, duration_minutes, time_zone,
      patient_email, patient_phone, patient_name, locale
    )`;
}

// patient_email is not null: the release before, to which this one may be taken back, takes it for an address always.

export async function addVisits(sql: TransactionSql, visits: readonly Visit[]): Promise<void> {
  const { count } = await sql`
    insert into notification_visits (
      appointment_id, version, at, sequence, status, doctor_id, starts_at, duration_minutes, time_zone,
      patient_email, patient_phone, patient_name, locale
    )
    select * from ${unnested(sql, visits)} order by appointment_id
    on conflict (appointment_id) do nothing`;
  if (count < visits.length) throw new StaleReadError("A visit became known meanwhile");
}

export async function updateVisits(sql: TransactionSql, visits: readonly Visit[]): Promise<void> {
  await sql`
    update notification_visits as visit set
      version = told.version, at = told.at, sequence = told.sequence, status = told.status,
      doctor_id = told.doctor_id, starts_at = told.starts_at, duration_minutes = told.duration_minutes,
      time_zone = told.time_zone, patient_email = told.patient_email, patient_phone = told.patient_phone,
      patient_name = told.patient_name, locale = told.locale
    from ${unnested(sql, visits)} where visit.appointment_id = told.appointment_id`;
}
