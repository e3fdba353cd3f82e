import type { TransactionSql } from "postgres";
import { StaleReadError } from "../../postgres/failure-kind.ts";
import type { Doctor } from "./store.ts";
import { instants } from "../../postgres/columns.ts";

interface DoctorRow {
  doctor_id: string;
  version: number | null;
  at: Date;
  name: string;
  email: string;
  phone: string | null;
  time_zone: string;
}

function doctorOf(row: DoctorRow): Doctor {
  return {
    doctorId: row.doctor_id,
    position: { version: row.version ?? undefined, at: row.at },
    name: row.name,
    email: row.email,
    phone: row.phone ?? undefined,
    timeZone: row.time_zone,
  };
}

/** Those with these ids, and those of the visits. */
export async function findDoctors(
  sql: TransactionSql,
  doctorIds: readonly string[],
  appointmentIds: readonly string[],
): Promise<Doctor[]> {
  const rows = await sql<DoctorRow[]>`
    select doctor.* from notification_doctors as doctor
    where doctor_id in (
      select unnest(${[...doctorIds]}::text[])
      union
      select doctor_id from notification_visits where appointment_id = any(${[...appointmentIds]}::uuid[])
    )`;
  return rows.map(doctorOf);
}

/** Holds these doctors until the end of the transaction. */
export async function lockDoctors(sql: TransactionSql, doctorIds: readonly string[]): Promise<Doctor[]> {
  const rows = await sql<DoctorRow[]>`
    select * from notification_doctors where doctor_id = any(${[...doctorIds]}::text[])
    order by doctor_id for update`;
  return rows.map(doctorOf);
}

function unnested(sql: TransactionSql, doctors: readonly Doctor[]) {
  return sql`
    unnest(
      ${doctors.map(({ doctorId }) => doctorId)}::text[],
      ${doctors.map(({ position }) => position.version ?? null)}::integer[],
      ${instants(doctors.map(({ position }) => position.at))}::text[]::timestamptz[], ${
    doctors.map(({ name }) => name)
  }::text[],
      ${doctors.map(({ email }) => email)}::text[], ${doctors.map(({ phone = null }) => phone)}::text[],
      ${doctors.map(({ timeZone }) => timeZone)}::text[]
    ) as told (doctor_id, version, at, name, email, phone, time_zone)`;
}

export async function addDoctors(sql: TransactionSql, doctors: readonly Doctor[]): Promise<void> {
  const { count } = await sql`
    insert into notification_doctors (doctor_id, version, at, name, email, phone, time_zone)
    select * from ${unnested(sql, doctors)} order by doctor_id
    on conflict do nothing`;
  if (count < doctors.length) throw new StaleReadError("A doctor became known meanwhile");
}

export async function updateDoctors(sql: TransactionSql, doctors: readonly Doctor[]): Promise<void> {
  await sql`
    update notification_doctors as doctor set
      version = told.version, at = told.at, name = told.name, email = told.email, phone = told.phone,
      time_zone = told.time_zone
    from ${unnested(sql, doctors)} where doctor.doctor_id = told.doctor_id`;
}
