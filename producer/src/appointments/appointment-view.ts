import * as v from "valibot";
import type { Appointment } from "../domain/appointment.ts";
import { formatLocal } from "../domain/local-time.ts";
import { omitUndefined } from "../domain/omit-undefined.ts";
import * as caller from "./caller-fields.ts";
import { toAnswer } from "../http/command-context.ts";
import { contactProblemView, presentContactProblem } from "./contact-problem-view.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";

export const appointmentView = v.pipe(
  v.strictObject({
    id: fields.appointmentId,
    status: fields.status,
    version: fields.version,
    doctorId: fields.doctorId,
    appointmentDate: fields.moment("When the visit begins, with the offset of timeZone"),
    durationMinutes: fields.durationMinutes,
    timeZone: fields.timeZone,
    patientEmail: v.optional(described("Where the patient gets mails", fields.keptEmail, "ada@example.org")),
    patientPhone: v.optional(fields.patientPhone),
    patientName: v.optional(fields.patientName),
    locale: v.optional(fields.locale),
    reference: v.optional(caller.reference),
    metadata: v.optional(caller.metadata),
    overbooked: v.optional(
      described(
        "Present and true where it was booked without checking other visits and working hours",
        v.boolean(),
      ),
    ),
    cancelledBy: v.optional(fields.cancelledBy),
    reasonCode: v.optional(fields.reasonCode),
    contactProblems: v.optional(
      described(
        "Who is not reached about the visit, and why; present where there is something",
        v.array(contactProblemView),
      ),
    ),
    erasedAt: v.optional(fields.moment("Since when nothing is kept of the patient, if so")),
    createdAt: fields.createdAt,
    updatedAt: fields.updatedAt,
  }),
  v.metadata({ ref: "Appointment" }),
);

export const appointmentExample: v.InferOutput<typeof appointmentView> = {
  id: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  status: "booked",
  version: 1,
  doctorId: "dr-lovelace",
  appointmentDate: "2030-12-02T10:00:00+01:00",
  durationMinutes: 30,
  timeZone: "Europe/Berlin",
  patientEmail: "ada@example.org",
  reference: "case-2030-117",
  createdAt: "2026-11-23T08:00:00.000Z",
  updatedAt: "2026-11-23T08:00:00.000Z",
};

export function presentAppointment(appointment: Appointment): v.InferOutput<typeof appointmentView> {
  return omitUndefined({
    id: appointment.id,
    status: appointment.status,
    version: appointment.version,
    doctorId: appointment.doctorId,
    appointmentDate: formatLocal(appointment.startsAt, appointment.timeZone),
    durationMinutes: appointment.durationMinutes,
    timeZone: appointment.timeZone,
    patientEmail: appointment.patientEmail,
    patientPhone: appointment.patientPhone,
    patientName: appointment.patientName,
    locale: appointment.locale,
    reference: appointment.reference,
    metadata: Object.keys(appointment.metadata).length > 0 ? appointment.metadata : undefined,
    overbooked: appointment.overbooked || undefined,
    cancelledBy: appointment.cancelledBy,
    reasonCode: appointment.reasonCode,
    contactProblems: appointment.contactProblems.length > 0
      ? appointment.contactProblems.map(presentContactProblem)
      : undefined,
    erasedAt: appointment.erasedAt?.toISOString(),
    createdAt: appointment.createdAt.toISOString(),
    updatedAt: appointment.updatedAt.toISOString(),
  });
}

export const answerAppointment = (appointment: Appointment) =>
  toAnswer(200, appointment, presentAppointment(appointment));
