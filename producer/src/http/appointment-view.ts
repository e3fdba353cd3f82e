import * as v from "valibot";
import { type Appointment, cancellers, statuses } from "../domain/appointment.ts";
import { formatLocal } from "../domain/local-time.ts";
import { omitUndefined } from "../domain/omit-undefined.ts";
import { toAnswer } from "./command-context.ts";

const dateTime = v.pipe(v.string(), v.metadata({ format: "date-time" }));

export const appointmentView = v.pipe(
  v.strictObject({
    id: v.pipe(v.string(), v.metadata({ format: "uuid" })),
    version: v.pipe(v.number(), v.integer(), v.description("Counts the changes; the ETag says the same")),
    status: v.picklist(statuses),
    doctorId: v.string(),
    appointmentDate: v.pipe(dateTime, v.description("Start, with the offset of timeZone")),
    durationMinutes: v.pipe(v.number(), v.integer()),
    timeZone: v.string(),
    patientEmail: v.string(),
    patientPhone: v.optional(v.string()),
    locale: v.optional(v.string()),
    overbooked: v.optional(v.pipe(v.boolean(), v.description("Present and true where both checks were passed over"))),
    cancelledBy: v.optional(v.picklist(cancellers)),
    reasonCode: v.optional(v.string()),
    createdAt: dateTime,
    updatedAt: dateTime,
  }),
  v.metadata({ ref: "Appointment" }),
);

export const appointmentExample: v.InferOutput<typeof appointmentView> = {
  id: "0197f3a2-6d1c-7b3e-9f00-0c5d2a7e4b11",
  version: 1,
  status: "booked",
  doctorId: "dr-lovelace",
  appointmentDate: "2030-12-02T10:00:00+01:00",
  durationMinutes: 30,
  timeZone: "Europe/Berlin",
  patientEmail: "ada@example.org",
  createdAt: "2026-11-23T08:00:00.000Z",
  updatedAt: "2026-11-23T08:00:00.000Z",
};

export function presentAppointment(appointment: Appointment): v.InferOutput<typeof appointmentView> {
  const { startsAt, overbooked, createdAt, updatedAt, ...rest } = appointment;
  return omitUndefined({
    ...rest,
    appointmentDate: formatLocal(startsAt, appointment.timeZone),
    overbooked: overbooked || undefined,
    createdAt: createdAt.toISOString(),
    updatedAt: updatedAt.toISOString(),
  });
}

export const answerAppointment = (appointment: Appointment) =>
  toAnswer(200, appointment, presentAppointment(appointment));
