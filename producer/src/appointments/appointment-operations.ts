import * as v from "valibot";
import { appointmentExample, appointmentView } from "./appointment-view.ts";
import * as caller from "./caller-fields.ts";
import { described } from "../http/described.ts";
import * as fields from "../http/fields.ts";
import { operation } from "../http/operation.ts";

const shared = { tag: "Appointments" } as const;
const one = v.strictObject({ id: fields.appointmentId });
const found = {
  description: "The appointment",
  schema: appointmentView,
  example: appointmentExample,
  headers: ["ETag"],
} as const;

const overbook = v.optional(
  described("Passes the checks for overlap and working hours; needs appointments:overbook", v.boolean()),
  false,
);
const timeZone = described("The IANA time zone of the visit; the doctor's where it is not given", fields.timeZone);

export const bookAppointment = operation({
  ...shared,
  operationId: "bookAppointment",
  method: "post",
  path: "/v1/appointments",
  summary: "Book an appointment",
  scope: "appointments:write",
  writes: true,
  body: {
    schema: v.pipe(
      v.strictObject({
        patientEmail: fields.patientEmail,
        doctorId: fields.doctorId,
        appointmentDate: fields.start,
        durationMinutes: v.optional(fields.durationMinutes, 30),
        timeZone: v.optional(timeZone),
        patientPhone: v.optional(fields.patientPhone),
        patientName: v.optional(fields.patientName),
        locale: v.optional(fields.locale),
        reference: v.optional(caller.reference),
        metadata: v.optional(caller.metadata),
        overbook,
      }),
      v.metadata({ ref: "NewAppointment" }),
    ),
    example: { patientEmail: "ada@example.org", doctorId: "dr-lovelace", appointmentDate: "2030-12-02T10:00:00+01:00" },
  },
  success: { 201: { ...found, description: "Booked", headers: ["Location", "ETag"] } },
  problems: ["unknown-doctor", "invalid-value", "slot-unavailable", "outside-working-hours"],
});

export const getAppointment = operation({
  ...shared,
  operationId: "getAppointment",
  method: "get",
  path: "/v1/appointments/{id}",
  summary: "Read an appointment",
  scope: "appointments:read",
  preconditions: ["If-None-Match"],
  params: one,
  success: { 200: found, 304: { description: "It is as If-None-Match says", headers: ["ETag"] } },
  problems: ["appointment-not-found"],
});

export const changeAppointment = operation({
  ...shared,
  operationId: "changeAppointment",
  method: "patch",
  path: "/v1/appointments/{id}",
  summary: "Move an appointment, or change how the patient is reached",
  description:
    "Either kind of change, not both in one request: each is one event. Reference and metadata may change beside " +
    "either, or alone, without an event. What is absent stays as it is.",
  scope: "appointments:write",
  writes: true,
  preconditions: ["If-Match"],
  params: one,
  body: {
    mediaTypes: ["application/merge-patch+json"],
    schema: v.pipe(
      v.strictObject({
        doctorId: v.optional(fields.doctorId),
        appointmentDate: v.optional(fields.start),
        durationMinutes: v.optional(fields.durationMinutes),
        timeZone: v.optional(timeZone),
        overbook,
        patientEmail: v.optional(fields.patientEmail),
        patientPhone: v.optional(fields.patientPhone),
        patientName: v.optional(fields.patientName),
        locale: v.optional(fields.locale),
        reference: v.optional(
          described("The caller's own id of the visit; null removes it", v.nullable(caller.reference)),
        ),
        metadata: v.optional(caller.metadataPatch),
      }),
      v.metadata({ ref: "AppointmentChange" }),
    ),
    example: { appointmentDate: "2030-12-03T09:30:00+01:00", durationMinutes: 45 },
  },
  success: { 200: { ...found, description: "Changed, or already so" } },
  problems: [
    "appointment-not-found",
    "unknown-doctor",
    "invalid-value",
    "slot-unavailable",
    "outside-working-hours",
    "invalid-transition",
    "precondition-required",
  ],
});
