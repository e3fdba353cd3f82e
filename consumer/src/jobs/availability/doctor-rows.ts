import type { TransactionSql } from "postgres";
import type { Position } from "../../delivery/event-order.ts";
import { StaleReadError } from "../../postgres/failure-kind.ts";
import type { DoctorHours } from "./working-periods.ts";
import { instants, truths } from "../../postgres/columns.ts";

export interface Doctor extends DoctorHours {
  /** Takes no visits any more. */
  retired: boolean;
  position: Position;
}

export type DoctorPositions = ReadonlyMap<string, Position>;

type KeptDoctors = readonly [id: string, doctor: Doctor][];

export async function loadDoctorPositions(sql: TransactionSql, ids: readonly string[]): Promise<DoctorPositions> {
  const rows = await sql<{ id: string; version: number | null; at: Date }[]>`
    select doctor_id as id, version, updated_at as at from availability_doctors
    where doctor_id = any(${[...ids]}::text[]) order by doctor_id for update`;
  return new Map(rows.map(({ id, version, at }) => [id, { version: version ?? undefined, at }]));
}

/** Holds these doctors, with all that is kept of them, until the end of the transaction. */
export async function lockDoctors(sql: TransactionSql, ids: readonly string[]): Promise<Map<string, Doctor>> {
  const rows = await sql<(DoctorHours & { id: string; retired: boolean; version: number | null; at: Date })[]>`
    select doctor_id as id, time_zone as "timeZone", working_hours as "workingHours", exceptions, retired, version,
      updated_at as at
    from availability_doctors where doctor_id = any(${[...ids]}::text[]) order by doctor_id for update`;
  return new Map(rows.map(({ id, version, at, ...doctor }) => [
    id,
    { ...doctor, position: { version: version ?? undefined, at } },
  ]));
}

function unnested(sql: TransactionSql, kept: KeptDoctors) {
  const doctors = kept.map(([, doctor]) => doctor);
  return sql`
    unnest(
      ${kept.map(([id]) => id)}::text[], ${doctors.map(({ timeZone }) => timeZone)}::text[],
      ${doctors.map(({ workingHours }) => JSON.stringify(workingHours))}::text[],
      ${doctors.map(({ exceptions }) => JSON.stringify(exceptions))}::text[],
      ${truths(doctors.map(({ retired }) => retired))}::text[]::boolean[],
      ${doctors.map(({ position }) => position.version ?? null)}::integer[],
      ${instants(doctors.map(({ position }) => position.at))}::text[]::timestamptz[]
    ) as told (doctor_id, time_zone, working_hours, exceptions, retired, version, updated_at)`;
}

export async function addDoctors(sql: TransactionSql, doctors: KeptDoctors): Promise<void> {
  const { count } = await sql`
    insert into availability_doctors (doctor_id, time_zone, working_hours, exceptions, retired, version, updated_at)
    select doctor_id, time_zone, working_hours::jsonb, exceptions::jsonb, retired, version, updated_at
    from ${unnested(sql, doctors)} order by doctor_id
    on conflict (doctor_id) do nothing`;
  if (count < doctors.length) throw new StaleReadError("A doctor became known meanwhile");
}

export async function updateDoctors(sql: TransactionSql, doctors: KeptDoctors): Promise<void> {
  await sql`
    update availability_doctors as doctor set
      time_zone = told.time_zone, working_hours = told.working_hours::jsonb, exceptions = told.exceptions::jsonb,
      retired = told.retired, version = told.version, updated_at = told.updated_at
    from ${unnested(sql, doctors)} where doctor.doctor_id = told.doctor_id`;
}
