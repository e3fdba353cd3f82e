import type { Booked } from "./book.ts";
import { doctor } from "../../doctor.ts";
import type { Clinic } from "./clinic.ts";

/** Where effects are to be seen. */
export interface Effects {
  consumerSql: Clinic["consumerSql"];
  mail: Pick<Clinic["mail"], "mails">;
  calendar: Pick<Clinic["calendar"], "resources">;
}

/** How often each effect of a booking happened. */
export async function countEffects(clinic: Effects, { id, patientEmail }: Pick<Booked, "id" | "patientEmail">) {
  const sql = clinic.consumerSql;
  const [counts] = await sql<[Record<"availability" | "audit" | "analytics", number>]>`
    SELECT
      (SELECT count(*)::int FROM availability_visits WHERE appointment_id = ${id} AND status = 'booked') AS availability,
      (SELECT count(*)::int FROM audit_outcomes
        WHERE aggregate_id = ${id} AND event_name = 'appointment.created' AND action = 'recorded') AS audit,
      (SELECT count(*)::int FROM analytics_bookings WHERE appointment_id = ${id}) AS analytics`;
  const mails = clinic.mail.mails();
  return {
    patientMails: mails.filter(({ to, source }) => to.includes(patientEmail) && source.includes(id)).length,
    // A doctor whose calendar is written gets no invitation, which would name the visit: the mail names the patient.
    doctorMails: mails.filter(({ to, text }) => to.includes(doctor.email) && text.includes(patientEmail)).length,
    calendar: clinic.calendar.resources().filter(({ data }) => data.includes(id)).length,
    ...counts,
  };
}

export const eachOnce = { patientMails: 1, doctorMails: 1, calendar: 1, availability: 1, audit: 1, analytics: 1 };
