import type { TransactionSql } from "postgres";
import { isErased } from "../../delivery/erased-appointments.ts";
import { follows } from "../../delivery/event-order.ts";
import type { Doctor, NotificationStore, Visit } from "./store.ts";
import type { VisitStatus } from "../visit-status.ts";
import { dropReminders } from "./dropped-reminders.ts";
import { dropSends } from "./dropped-sends.ts";
import { erasePatient } from "./erase-patient.ts";
import { addSends } from "./new-sends.ts";

interface DoctorRow {
  doctor_id: string;
  version: number | null;
  at: Date;
  name: string;
  email: string;
  phone: string | null;
  time_zone: string;
}

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

export function doctorOf(row: DoctorRow): Doctor {
  return {
    doctorId: row.doctor_id,
    position: { version: row.version ?? undefined, at: row.at },
    name: row.name,
    email: row.email,
    phone: row.phone ?? undefined,
    timeZone: row.time_zone,
  };
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

export function createPostgresNotificationStore(sql: TransactionSql): NotificationStore {
  return {
    isErased: (appointmentId) => isErased(sql, appointmentId),
    erase: (appointmentIds, now) => erasePatient(sql, appointmentIds, now),

    async findDoctor(doctorId) {
      const [row] = await sql<DoctorRow[]>`select * from notification_doctors where doctor_id = ${doctorId}`;
      return row && doctorOf(row);
    },

    async saveDoctor(doctor, supersedes = false) {
      const row: DoctorRow = {
        doctor_id: doctor.doctorId,
        version: doctor.position.version ?? null,
        at: doctor.position.at,
        name: doctor.name,
        email: doctor.email,
        phone: doctor.phone ?? null,
        time_zone: doctor.timeZone,
      };
      const added = await sql`insert into notification_doctors ${sql({ ...row })} on conflict do nothing`;
      if (added.count > 0) return true;
      const [known] = await sql<DoctorRow[]>`
        select * from notification_doctors where doctor_id = ${doctor.doctorId} for update`;
      if (known && !supersedes && !follows(doctor.position, doctorOf(known).position)) return false;
      await sql`update notification_doctors set ${sql({ ...row })} where doctor_id = ${doctor.doctorId}`;
      return true;
    },

    async findVisit(appointmentId) {
      const [row] = await sql<VisitRow[]>`
        select * from notification_visits where appointment_id = ${appointmentId} for update`;
      return row && visitOf(row);
    },

    async saveVisit(visit) {
      const row: VisitRow = {
        appointment_id: visit.appointmentId,
        version: visit.position.version ?? null,
        at: visit.position.at,
        sequence: visit.sequence,
        status: visit.status,
        doctor_id: visit.doctorId,
        starts_at: visit.startsAt,
        duration_minutes: visit.durationMinutes,
        time_zone: visit.timeZone,
        // Not null: the release before, to which this one may be taken back, takes it for an address always.
        patient_email: visit.patientEmail ?? "",
        patient_phone: visit.patientPhone ?? null,
        patient_name: visit.patientName ?? null,
        locale: visit.locale ?? null,
      };
      await sql`
        insert into notification_visits ${sql({ ...row })}
        on conflict (appointment_id) do update set ${sql({ ...row })}`;
    },

    async findInvitedDoctors(appointmentId) {
      const rows = await sql<{ recipient: string }[]>`
        select distinct recipient from sends
        where appointment_id = ${appointmentId} and channel = 'email' and template in ('doctor-booked', 'doctor-moved')
          and content -> 'calendarWritten' is null`;
      return new Set(rows.map(({ recipient }) => recipient));
    },

    addSends: (sends) => addSends(sql, sends),
    dropSends: (appointmentId, to, now) => dropSends(sql, appointmentId, to, now),

    async replaceReminders(appointmentId, reminders, now) {
      await sql`delete from notification_reminders where appointment_id = ${appointmentId}`;
      await dropReminders(sql, appointmentId, now);
      if (reminders.length === 0) return;
      await sql`insert into notification_reminders ${
        sql(reminders.map(({ leadMinutes, dueAt, correlationId }) => ({
          appointment_id: appointmentId,
          lead_minutes: leadMinutes,
          due_at: dueAt,
          correlation_id: correlationId ?? null,
        })))
      }`;
    },
  };
}
