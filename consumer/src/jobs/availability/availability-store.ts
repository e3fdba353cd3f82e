import type { Sql, TransactionSql } from "postgres";
import type { DoctorHours } from "./working-periods.ts";
import type { Visit } from "./visit.ts";
import type { Position } from "../../delivery/event-order.ts";
import type { VisitStatus } from "../visit-status.ts";

export interface Doctor extends DoctorHours {
  /** Takes no visits any more. */
  retired: boolean;
  position: Position;
}

export interface AvailabilityStore {
  /** Holds the visit until the end of the transaction, known or not. */
  lockVisit(appointmentId: string): Promise<Visit>;
  saveVisit(appointmentId: string, visit: Visit): Promise<void>;
  /** False when the doctor is known already. */
  addDoctor(doctorId: string, doctor: Doctor): Promise<boolean>;
  lockDoctorPosition(doctorId: string): Promise<Position>;
  saveDoctor(doctorId: string, doctor: Doctor): Promise<void>;
}

interface VisitRow {
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

export function createAvailabilityStore(sql: TransactionSql): AvailabilityStore {
  return {
    async lockVisit(appointmentId) {
      const [row] = await sql<[VisitRow]>`
        insert into availability_visits as visit (appointment_id) values (${appointmentId})
        on conflict (appointment_id) do update set appointment_id = visit.appointment_id
        returning doctor_id as "doctorId", starts_at as "startsAt", ends_at as "endsAt", overbooked,
          place_version as "placeVersion", place_at as "placeAt",
          status, status_version as "statusVersion", status_at as "statusAt"`;
      return toVisit(row);
    },

    async saveVisit(appointmentId, { place, status }) {
      await sql`
        update availability_visits set
          doctor_id = ${place?.doctorId ?? null}, starts_at = ${place?.startsAt ?? null},
          ends_at = ${place?.endsAt ?? null}, overbooked = ${place?.overbooked ?? false}, place_version = ${
        place?.position.version ?? null
      },
          place_at = ${place?.position.at ?? null}, status = ${status?.value ?? null},
          status_version = ${status?.position.version ?? null}, status_at = ${status?.position.at ?? null}
        where appointment_id = ${appointmentId}`;
    },

    async addDoctor(doctorId, { timeZone, workingHours, exceptions, retired, position }) {
      const rows = await sql`
        insert into availability_doctors (doctor_id, time_zone, working_hours, exceptions, retired, version, updated_at)
        values (${doctorId}, ${timeZone}, ${sql.json(workingHours)}, ${sql.json(exceptions)},
          ${retired}, ${position.version ?? null}, ${position.at})
        on conflict (doctor_id) do nothing
        returning doctor_id`;
      return rows.length > 0;
    },

    async lockDoctorPosition(doctorId) {
      const [row] = await sql<[{ version: number | null; at: Date }]>`
        select version, updated_at as at from availability_doctors where doctor_id = ${doctorId} for update`;
      return { version: row.version ?? undefined, at: row.at };
    },

    async saveDoctor(doctorId, { timeZone, workingHours, exceptions, retired, position }) {
      await sql`
        update availability_doctors set
          time_zone = ${timeZone}, working_hours = ${sql.json(workingHours)}, exceptions = ${sql.json(exceptions)},
          retired = ${retired}, version = ${position.version ?? null}, updated_at = ${position.at}
        where doctor_id = ${doctorId}`;
    },
  };
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

/** For a rebuild from an archive that begins at `since`: it tells no doctor's hours and no visit's place from before. */
export async function clearAvailability(sql: Sql | TransactionSql, since = new Date(0)): Promise<void> {
  await sql`delete from availability_visits where coalesce(place_at, status_at) >= ${since}`;
  await sql`delete from availability_doctors where updated_at >= ${since}`;
}
